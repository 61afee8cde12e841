import accounts.models.account
import accounts.models.base
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import feedbackhub.postgres.operations
import pghistory.utils
import pgtrigger.compiler
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Company',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.models.base.PublicIdField()),
                ('name', models.CharField(blank=True, max_length=200)),
                ('domain', models.CharField(blank=True, max_length=253)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='companies', to='accounts.account')),
            ],
            options={
                'verbose_name_plural': 'companies',
                'constraints': [models.UniqueConstraint(models.F('account'), django.db.models.functions.text.Lower('domain'), condition=models.Q(('domain', ''), _negated=True), name='company_domain_once'), models.UniqueConstraint(models.F('account'), django.db.models.functions.text.Lower('name'), condition=models.Q(('domain', ''), models.Q(('name', ''), _negated=True)), name='company_name_once'), models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('domain', ''), _negated=True), _connector='OR'), name='company_has_name_or_domain')],
            },
        ),
        migrations.CreateModel(
            name='CompanyEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_context', pghistory.utils.JSONField(null=True)),
                ('pgh_context_id', models.UUIDField(null=True)),
                ('id', models.BigIntegerField()),
                ('public_id', accounts.models.base.PublicIdField(unique=False)),
                ('name', models.CharField(blank=True, max_length=200)),
                ('domain', models.CharField(blank=True, max_length=253)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('account', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.account')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='crm.company')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Customer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.models.base.PublicIdField()),
                ('email', models.EmailField(blank=True, max_length=254, null=True)),
                ('mobile_number', models.CharField(blank=True, max_length=16, null=True)),
                ('fname', models.CharField(blank=True, max_length=100, null=True)),
                ('sname', models.CharField(blank=True, max_length=100, null=True)),
                ('country_code', models.CharField(blank=True, max_length=2, null=True)),
                ('time_zone', models.CharField(blank=True, max_length=64)),
                ('language', models.CharField(blank=True, max_length=10)),
                ('internal', models.BooleanField(default=False)),
                ('properties', models.JSONField(blank=True, default=dict)),
                ('last_email_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('last_sms_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('opted_out', models.BooleanField(default=False, editable=False)),
                ('undeliverable', models.BooleanField(default=False, editable=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='customers', to='accounts.account')),
                ('company', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='people', to='crm.company')),
                ('merged_into', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, to='crm.customer')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('deleted_at', None), ('merged_into', None)), fields=['account', '-created_at', '-id'], name='customer_account_created'), models.Index(condition=models.Q(('deleted_at', None), ('merged_into', None)), fields=['account', 'country_code', 'opted_out', 'undeliverable'], name='customer_alive'), models.Index(condition=models.Q(('deleted_at', None), ('merged_into', None), ('opted_out', True)), fields=['account', '-created_at', '-id'], name='customer_opted_out'), models.Index(condition=models.Q(('deleted_at', None), ('merged_into', None), ('undeliverable', True)), fields=['account', '-created_at', '-id'], name='customer_undeliverable'), models.Index(condition=models.Q(('deleted_at', None), ('merged_into', None)), fields=['account', 'last_email_at', 'id'], name='customer_last_email'), models.Index(condition=models.Q(('deleted_at', None), ('merged_into', None)), fields=['account', 'last_sms_at', 'id'], name='customer_last_sms'), models.Index(condition=models.Q(('deleted_at', None), ('merged_into', None)), fields=['account', 'country_code', 'created_at', 'id'], name='customer_country'), models.Index(models.F('account'), django.db.models.functions.text.Lower('fname'), models.F('created_at'), models.F('id'), name='customer_fname'), models.Index(models.F('account'), django.db.models.functions.text.Lower('sname'), models.F('created_at'), models.F('id'), name='customer_sname')],
                'constraints': [models.UniqueConstraint(models.F('account'), django.db.models.functions.text.Lower('email'), condition=models.Q(('merged_into', None)), name='customer_email_once'), models.UniqueConstraint(condition=models.Q(('merged_into', None)), fields=('account', 'mobile_number'), name='customer_mobile_once'), models.CheckConstraint(condition=models.Q(('mobile_number', None), ('mobile_number__regex', '^\\+[1-9][0-9]{7,14}$'), _connector='OR'), name='customer_mobile_e164'), models.CheckConstraint(condition=models.Q(models.Q(('email', ''), _negated=True), models.Q(('mobile_number', ''), _negated=True)), name='customer_addresses_null_not_blank')],
            },
        ),
        migrations.CreateModel(
            name='CustomerEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_context', pghistory.utils.JSONField(null=True)),
                ('pgh_context_id', models.UUIDField(null=True)),
                ('id', models.BigIntegerField()),
                ('public_id', accounts.models.base.PublicIdField(unique=False)),
                ('email', models.EmailField(blank=True, max_length=254, null=True)),
                ('mobile_number', models.CharField(blank=True, max_length=16, null=True)),
                ('fname', models.CharField(blank=True, max_length=100, null=True)),
                ('sname', models.CharField(blank=True, max_length=100, null=True)),
                ('country_code', models.CharField(blank=True, max_length=2, null=True)),
                ('time_zone', models.CharField(blank=True, max_length=64)),
                ('language', models.CharField(blank=True, max_length=10)),
                ('internal', models.BooleanField(default=False)),
                ('properties', models.JSONField(blank=True, default=dict)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('account', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.account')),
                ('company', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='crm.company')),
                ('merged_into', models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='crm.customer')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='crm.customer')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Identity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40)),
                ('value', models.CharField(max_length=255)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='identities', to='accounts.account')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='identities', to='crm.customer')),
            ],
            options={
                'verbose_name_plural': 'identities',
                'constraints': [models.UniqueConstraint(fields=('account', 'kind', 'value'), name='identity_once')],
            },
        ),
        migrations.CreateModel(
            name='Location',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.models.base.PublicIdField()),
                ('name', models.CharField(max_length=200)),
                ('address_line_1', models.CharField(blank=True, max_length=200, null=True)),
                ('address_line_2', models.CharField(blank=True, max_length=200, null=True)),
                ('address_line_3', models.CharField(blank=True, max_length=200, null=True)),
                ('postal_code', models.CharField(blank=True, max_length=20, null=True)),
                ('country_code', models.CharField(max_length=2)),
                ('time_zone', models.CharField(blank=True, max_length=64, validators=[accounts.models.account.check_time_zone])),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='locations', to='accounts.account')),
                ('brand_color', models.CharField(blank=True, max_length=7, validators=[django.core.validators.RegexValidator('^#[0-9a-fA-F]{6}$', 'Use #rrggbb.')])),
                ('brand_name', models.CharField(blank=True, max_length=200)),
                ('from_name', models.CharField(blank=True, max_length=100)),
                ('reply_to', models.EmailField(blank=True, max_length=254)),
            ],
            options={
                'indexes': [models.Index(models.F('account'), django.db.models.functions.text.Lower('name'), models.F('id'), name='location_account_name'), models.Index(fields=['account', '-created_at', '-id'], name='location_account_created')],
            },
        ),
        migrations.CreateModel(
            name='CustomerLocation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='crm.customer')),
                ('location', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='crm.location')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('customer', 'location'), name='customer_location_once')],
            },
        ),
        migrations.CreateModel(
            name='LocationEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_context', pghistory.utils.JSONField(null=True)),
                ('pgh_context_id', models.UUIDField(null=True)),
                ('id', models.BigIntegerField()),
                ('public_id', accounts.models.base.PublicIdField(unique=False)),
                ('name', models.CharField(max_length=200)),
                ('address_line_1', models.CharField(blank=True, max_length=200, null=True)),
                ('address_line_2', models.CharField(blank=True, max_length=200, null=True)),
                ('address_line_3', models.CharField(blank=True, max_length=200, null=True)),
                ('postal_code', models.CharField(blank=True, max_length=20, null=True)),
                ('country_code', models.CharField(max_length=2)),
                ('time_zone', models.CharField(blank=True, max_length=64, validators=[accounts.models.account.check_time_zone])),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('account', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.account')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='crm.location')),
                ('brand_color', models.CharField(blank=True, max_length=7, validators=[django.core.validators.RegexValidator('^#[0-9a-fA-F]{6}$', 'Use #rrggbb.')])),
                ('brand_name', models.CharField(blank=True, max_length=200)),
                ('from_name', models.CharField(blank=True, max_length=100)),
                ('reply_to', models.EmailField(blank=True, max_length=254)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Suppression',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('email', 'E-mail'), ('sms', 'SMS'), ('all', 'Any channel')], max_length=5)),
                ('address', models.CharField(blank=True, max_length=254)),
                ('reason', models.CharField(choices=[('opt_out', 'Opt Out'), ('unsubscribe', 'Unsubscribe'), ('stop', 'Stop'), ('complaint', 'Complaint'), ('hard_bounce', 'Hard Bounce'), ('sms_failed', 'Sms Failed')], max_length=12)),
                ('source', models.CharField(choices=[('recipient', 'Recipient'), ('caller', 'Caller'), ('staff', 'Staff'), ('provider', 'Provider')], max_length=10)),
                ('evidence', models.JSONField(blank=True, default=dict)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('lifted_at', models.DateTimeField(blank=True, null=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='suppressions', to='accounts.account')),
                ('customer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='suppressions', to='crm.customer')),
                ('lift_evidence', models.JSONField(blank=True, db_default={}, default=dict)),
            ],
            options={
                'verbose_name': 'do-not-contact entry',
                'verbose_name_plural': 'do not contact',
                'constraints': [models.UniqueConstraint(condition=models.Q(('lifted_at', None), models.Q(('address', ''), _negated=True)), fields=('account', 'address', 'channel', 'reason'), name='suppression_address_once'), models.UniqueConstraint(condition=models.Q(('address', ''), ('lifted_at', None)), fields=('account', 'customer', 'channel', 'reason'), name='suppression_customer_once'), models.CheckConstraint(condition=models.Q(models.Q(('address', ''), _negated=True), ('customer__isnull', False), _connector='OR'), name='suppression_about_someone'), models.CheckConstraint(condition=models.Q(('channel__in', ['email', 'sms', 'all'])), name='suppression_channel_known'), models.CheckConstraint(condition=models.Q(('reason__in', ['opt_out', 'unsubscribe', 'stop', 'complaint', 'hard_bounce', 'sms_failed'])), name='suppression_reason_known')],
            },
        ),
        migrations.CreateModel(
            name='SuppressionEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_context', pghistory.utils.JSONField(null=True)),
                ('pgh_context_id', models.UUIDField(null=True)),
                ('id', models.BigIntegerField()),
                ('channel', models.CharField(choices=[('email', 'E-mail'), ('sms', 'SMS'), ('all', 'Any channel')], max_length=5)),
                ('address', models.CharField(blank=True, max_length=254)),
                ('reason', models.CharField(choices=[('opt_out', 'Opt Out'), ('unsubscribe', 'Unsubscribe'), ('stop', 'Stop'), ('complaint', 'Complaint'), ('hard_bounce', 'Hard Bounce'), ('sms_failed', 'Sms Failed')], max_length=12)),
                ('source', models.CharField(choices=[('recipient', 'Recipient'), ('caller', 'Caller'), ('staff', 'Staff'), ('provider', 'Provider')], max_length=10)),
                ('evidence', models.JSONField(blank=True, default=dict)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('lifted_at', models.DateTimeField(blank=True, null=True)),
                ('account', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.account')),
                ('customer', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='crm.customer')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='crm.suppression')),
                ('lift_evidence', models.JSONField(blank=True, db_default={}, default=dict)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Lookback',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked_at', models.DateTimeField()),
                ('looked_at', models.DateTimeField(null=True)),
                ('customer', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='crm.customer')),
            ],
            options={
                'indexes': [models.Index(fields=['looked_at', 'id'], name='lookback_due')],
            },
        ),
        migrations.CreateModel(
            name='IdentityEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_context', pghistory.utils.JSONField(null=True)),
                ('pgh_context_id', models.UUIDField(null=True)),
                ('id', models.BigIntegerField()),
                ('kind', models.CharField(max_length=40)),
                ('value', models.CharField(max_length=255)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('account', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.account')),
                ('customer', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='crm.customer')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='crm.identity')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='Customer',
            name='locations',
            field=models.ManyToManyField(related_name='customers', through='crm.CustomerLocation', to='crm.location'),
        ),
        feedbackhub.postgres.operations.AddTriggers(
            triggers=[('company', pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "crm_companyevent" ("account_id", "created_at", "domain", "id", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "public_id") VALUES (NEW."account_id", NEW."created_at", NEW."domain", NEW."id", NEW."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."public_id"); RETURN NULL;', hash='0803eaf87a56c075dafd6d89fd27aea34bd97f0e', operation='INSERT', pgid='pgtrigger_insert_insert_bba28', table='crm_company', when='AFTER'))), ('company', pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "crm_companyevent" ("account_id", "created_at", "domain", "id", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "public_id") VALUES (NEW."account_id", NEW."created_at", NEW."domain", NEW."id", NEW."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."public_id"); RETURN NULL;', hash='b1a62546c369ee72875fbd2b49437ed5ba670683', operation='UPDATE', pgid='pgtrigger_update_update_49d1f', table='crm_company', when='AFTER'))), ('company', pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "crm_companyevent" ("account_id", "created_at", "domain", "id", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "public_id") VALUES (OLD."account_id", OLD."created_at", OLD."domain", OLD."id", OLD."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."public_id"); RETURN NULL;', hash='b87642284849507f309fd139aa48b8bfdc8a2b45', operation='DELETE', pgid='pgtrigger_delete_delete_1e803', table='crm_company', when='AFTER'))), ('companyevent', pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='ea44abb00643cdb5594c5787ca132b7da7b221fb', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_250c5', table='crm_companyevent', when='BEFORE'))), ('customer', pgtrigger.compiler.Trigger(name='flags', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        NEW.opted_out := EXISTS (SELECT 1 FROM crm_suppression s WHERE s.account_id = NEW.account_id AND s.lifted_at IS NULL AND s.reason IN ('opt_out', 'unsubscribe', 'stop', 'complaint') AND s.address <> '' AND s.address IN (lower(NEW.email), NEW.mobile_number))\n            OR EXISTS (SELECT 1 FROM crm_suppression s WHERE s.account_id = NEW.account_id AND s.lifted_at IS NULL AND s.reason IN ('opt_out', 'unsubscribe', 'stop', 'complaint') AND s.customer_id = NEW.id);\n        NEW.undeliverable := EXISTS (SELECT 1 FROM crm_suppression s WHERE s.account_id = NEW.account_id AND s.lifted_at IS NULL AND s.reason IN ('hard_bounce', 'sms_failed') AND s.address <> '' AND s.address IN (lower(NEW.email), NEW.mobile_number));\n        RETURN NEW;\n    ", hash='a574c50413a616c7283bf6abe872853d47208f71', operation='INSERT OR UPDATE OF "email", "mobile_number", "opted_out", "undeliverable"', pgid='pgtrigger_flags_f4af1', table='crm_customer', when='BEFORE'))), ('customer', pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "crm_customerevent" ("account_id", "company_id", "country_code", "created_at", "deleted_at", "email", "fname", "id", "internal", "language", "merged_into_id", "mobile_number", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "properties", "public_id", "sname", "time_zone", "updated_at") VALUES (NEW."account_id", NEW."company_id", NEW."country_code", NEW."created_at", NEW."deleted_at", NEW."email", NEW."fname", NEW."id", NEW."internal", NEW."language", NEW."merged_into_id", NEW."mobile_number", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."properties", NEW."public_id", NEW."sname", NEW."time_zone", NEW."updated_at"); RETURN NULL;', hash='dd501069bb13e414aa755bae3a30f20d282bb20e', operation='INSERT', pgid='pgtrigger_insert_insert_d8d27', table='crm_customer', when='AFTER'))), ('customer', pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."account_id" IS DISTINCT FROM (NEW."account_id") OR OLD."company_id" IS DISTINCT FROM (NEW."company_id") OR OLD."country_code" IS DISTINCT FROM (NEW."country_code") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."deleted_at" IS DISTINCT FROM (NEW."deleted_at") OR OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."fname" IS DISTINCT FROM (NEW."fname") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."internal" IS DISTINCT FROM (NEW."internal") OR OLD."language" IS DISTINCT FROM (NEW."language") OR OLD."merged_into_id" IS DISTINCT FROM (NEW."merged_into_id") OR OLD."mobile_number" IS DISTINCT FROM (NEW."mobile_number") OR OLD."properties" IS DISTINCT FROM (NEW."properties") OR OLD."public_id" IS DISTINCT FROM (NEW."public_id") OR OLD."sname" IS DISTINCT FROM (NEW."sname") OR OLD."time_zone" IS DISTINCT FROM (NEW."time_zone") OR OLD."updated_at" IS DISTINCT FROM (NEW."updated_at"))', func='INSERT INTO "crm_customerevent" ("account_id", "company_id", "country_code", "created_at", "deleted_at", "email", "fname", "id", "internal", "language", "merged_into_id", "mobile_number", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "properties", "public_id", "sname", "time_zone", "updated_at") VALUES (NEW."account_id", NEW."company_id", NEW."country_code", NEW."created_at", NEW."deleted_at", NEW."email", NEW."fname", NEW."id", NEW."internal", NEW."language", NEW."merged_into_id", NEW."mobile_number", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."properties", NEW."public_id", NEW."sname", NEW."time_zone", NEW."updated_at"); RETURN NULL;', hash='a32d3c6dfe71b47892670f7af6782d01f9576f96', operation='UPDATE', pgid='pgtrigger_update_update_2c843', table='crm_customer', when='AFTER'))), ('customer', pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "crm_customerevent" ("account_id", "company_id", "country_code", "created_at", "deleted_at", "email", "fname", "id", "internal", "language", "merged_into_id", "mobile_number", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "properties", "public_id", "sname", "time_zone", "updated_at") VALUES (OLD."account_id", OLD."company_id", OLD."country_code", OLD."created_at", OLD."deleted_at", OLD."email", OLD."fname", OLD."id", OLD."internal", OLD."language", OLD."merged_into_id", OLD."mobile_number", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."properties", OLD."public_id", OLD."sname", OLD."time_zone", OLD."updated_at"); RETURN NULL;', hash='47d3144c6671dbfa00457b2059bf896b557a12ec', operation='DELETE', pgid='pgtrigger_delete_delete_21256', table='crm_customer', when='AFTER'))), ('customer', pgtrigger.compiler.Trigger(name='look_back', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF NEW.deleted_at IS NULL AND NEW.merged_into_id IS NULL AND (TG_OP = 'INSERT'\n                        OR (OLD.email, OLD.mobile_number, OLD.deleted_at, OLD.merged_into_id)\n                            IS DISTINCT FROM (NEW.email, NEW.mobile_number, NEW.deleted_at, NEW.merged_into_id))\n                    THEN INSERT INTO crm_lookback (customer_id, asked_at) VALUES (NEW.id, clock_timestamp()) ON CONFLICT (customer_id) DO UPDATE SET asked_at = EXCLUDED.asked_at, looked_at = NULL; END IF;\n                    RETURN NULL;\n                ", hash='d6147ad3a695edd2572aa7b52a0694ae5d6e9aed', operation='INSERT OR UPDATE OF "email", "mobile_number", "deleted_at", "merged_into_id"', pgid='pgtrigger_look_back_d96bd', table='crm_customer', when='AFTER'))), ('customerevent', pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='c8cf43241a08f15bde5ee4d9a7fd0ace1d80b687', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_5cbd3', table='crm_customerevent', when='BEFORE'))), ('identity', pgtrigger.compiler.Trigger(name='look_back', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO crm_lookback (customer_id, asked_at) VALUES (NEW.customer_id, clock_timestamp()) ON CONFLICT (customer_id) DO UPDATE SET asked_at = EXCLUDED.asked_at, looked_at = NULL; RETURN NULL;', hash='91a30b8a35e1634c0c09f948cd3597e7933a34e4', operation='INSERT OR UPDATE OF "customer_id", "kind", "value"', pgid='pgtrigger_look_back_b1b73', table='crm_identity', when='AFTER'))), ('identity', pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "crm_identityevent" ("account_id", "created_at", "customer_id", "id", "kind", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "value") VALUES (NEW."account_id", NEW."created_at", NEW."customer_id", NEW."id", NEW."kind", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."value"); RETURN NULL;', hash='fe4f037666fc4c40d115c4ae182ef458fdbe31ed', operation='INSERT', pgid='pgtrigger_insert_insert_9c49e', table='crm_identity', when='AFTER'))), ('identity', pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "crm_identityevent" ("account_id", "created_at", "customer_id", "id", "kind", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "value") VALUES (NEW."account_id", NEW."created_at", NEW."customer_id", NEW."id", NEW."kind", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."value"); RETURN NULL;', hash='81681349a96a964194e5b4665ac50ce8697656ea', operation='UPDATE', pgid='pgtrigger_update_update_c0f59', table='crm_identity', when='AFTER'))), ('identity', pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "crm_identityevent" ("account_id", "created_at", "customer_id", "id", "kind", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "value") VALUES (OLD."account_id", OLD."created_at", OLD."customer_id", OLD."id", OLD."kind", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."value"); RETURN NULL;', hash='4cda616edbcd8df70605bc308829a057c2596625', operation='DELETE', pgid='pgtrigger_delete_delete_60823', table='crm_identity', when='AFTER'))), ('location', pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "crm_locationevent" ("account_id", "address_line_1", "address_line_2", "address_line_3", "brand_color", "brand_name", "country_code", "created_at", "deleted_at", "from_name", "id", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "postal_code", "public_id", "reply_to", "time_zone") VALUES (NEW."account_id", NEW."address_line_1", NEW."address_line_2", NEW."address_line_3", NEW."brand_color", NEW."brand_name", NEW."country_code", NEW."created_at", NEW."deleted_at", NEW."from_name", NEW."id", NEW."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."postal_code", NEW."public_id", NEW."reply_to", NEW."time_zone"); RETURN NULL;', hash='557e723e7a18f921009e2008946d8b76dbf175b3', operation='INSERT', pgid='pgtrigger_insert_insert_bc08d', table='crm_location', when='AFTER'))), ('location', pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "crm_locationevent" ("account_id", "address_line_1", "address_line_2", "address_line_3", "brand_color", "brand_name", "country_code", "created_at", "deleted_at", "from_name", "id", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "postal_code", "public_id", "reply_to", "time_zone") VALUES (NEW."account_id", NEW."address_line_1", NEW."address_line_2", NEW."address_line_3", NEW."brand_color", NEW."brand_name", NEW."country_code", NEW."created_at", NEW."deleted_at", NEW."from_name", NEW."id", NEW."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."postal_code", NEW."public_id", NEW."reply_to", NEW."time_zone"); RETURN NULL;', hash='3e84afb8876691e0c91f4ac527aa09b423eeb0e9', operation='UPDATE', pgid='pgtrigger_update_update_e4aae', table='crm_location', when='AFTER'))), ('location', pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "crm_locationevent" ("account_id", "address_line_1", "address_line_2", "address_line_3", "brand_color", "brand_name", "country_code", "created_at", "deleted_at", "from_name", "id", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "postal_code", "public_id", "reply_to", "time_zone") VALUES (OLD."account_id", OLD."address_line_1", OLD."address_line_2", OLD."address_line_3", OLD."brand_color", OLD."brand_name", OLD."country_code", OLD."created_at", OLD."deleted_at", OLD."from_name", OLD."id", OLD."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."postal_code", OLD."public_id", OLD."reply_to", OLD."time_zone"); RETURN NULL;', hash='543295d6c7de614108a8c9695263f6dab60b7e43', operation='DELETE', pgid='pgtrigger_delete_delete_4f23d', table='crm_location', when='AFTER'))), ('locationevent', pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='f4e62b7439d98ecbf987dde2298277eb08931da5', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_ee450', table='crm_locationevent', when='BEFORE'))), ('suppression', pgtrigger.compiler.Trigger(name='flags', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE about crm_suppression%ROWTYPE;', func="\n        IF TG_OP = 'DELETE' THEN about := OLD; ELSE about := NEW; END IF;\n        UPDATE crm_customer SET opted_out = opted_out WHERE id IN (\n            SELECT about.customer_id\n            UNION SELECT c.id FROM crm_customer c\n                WHERE c.account_id = about.account_id AND lower(c.email) = about.address\n            UNION SELECT c.id FROM crm_customer c\n                WHERE c.account_id = about.account_id AND c.mobile_number = about.address\n        );\n        RETURN NULL;\n    ", hash='519e82d3a5b8e6d1e8636b9e42e38b806bc04d36', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_flags_18850', table='crm_suppression', when='AFTER'))), ('suppression', pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "crm_suppressionevent" ("account_id", "address", "channel", "created_at", "customer_id", "evidence", "id", "lift_evidence", "lifted_at", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "source") VALUES (NEW."account_id", NEW."address", NEW."channel", NEW."created_at", NEW."customer_id", NEW."evidence", NEW."id", NEW."lift_evidence", NEW."lifted_at", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."reason", NEW."source"); RETURN NULL;', hash='11b9c8d9ccf7a8b2e891ef23e8a7aab9aaac29b4', operation='INSERT', pgid='pgtrigger_insert_insert_0c753', table='crm_suppression', when='AFTER'))), ('suppression', pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "crm_suppressionevent" ("account_id", "address", "channel", "created_at", "customer_id", "evidence", "id", "lift_evidence", "lifted_at", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "source") VALUES (NEW."account_id", NEW."address", NEW."channel", NEW."created_at", NEW."customer_id", NEW."evidence", NEW."id", NEW."lift_evidence", NEW."lifted_at", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."reason", NEW."source"); RETURN NULL;', hash='73148329f7cc6b632531665558749f185dea4168', operation='UPDATE', pgid='pgtrigger_update_update_3ff2b', table='crm_suppression', when='AFTER'))), ('suppression', pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "crm_suppressionevent" ("account_id", "address", "channel", "created_at", "customer_id", "evidence", "id", "lift_evidence", "lifted_at", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "source") VALUES (OLD."account_id", OLD."address", OLD."channel", OLD."created_at", OLD."customer_id", OLD."evidence", OLD."id", OLD."lift_evidence", OLD."lifted_at", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."reason", OLD."source"); RETURN NULL;', hash='eeb8d6957301d252903b8d8eed740184da182aa3', operation='DELETE', pgid='pgtrigger_delete_delete_6858a', table='crm_suppression', when='AFTER'))), ('suppressionevent', pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='f3ef9c8e9613ffac67b9ded071915bd7eb1a0815', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_d85a0', table='crm_suppressionevent', when='BEFORE'))), ('identityevent', pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='bada86c993bd0e8d2a3085e4068a6e921676f536', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_b242a', table='crm_identityevent', when='BEFORE')))],
        ),
    ]
