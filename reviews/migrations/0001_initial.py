import accounts.models.base
import django.db.models.deletion
import feedbackhub.postgres.operations
import pghistory.utils
import pgtrigger.compiler
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('crm', '0001_initial'),
        ('feedback', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Platform',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.models.base.PublicIdField()),
                ('slug', models.CharField(max_length=100, unique=True)),
                ('name', models.CharField(max_length=100)),
            ],
        ),
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.models.base.PublicIdField()),
                ('external_id', models.CharField(blank=True, max_length=255, null=True)),
                ('title', models.CharField(blank=True, max_length=500, null=True)),
                ('description', models.TextField(blank=True, null=True)),
                ('rating_of_five', models.FloatField(blank=True, editable=False, null=True)),
                ('url', models.URLField(blank=True, max_length=2048, null=True)),
                ('reviewer_name', models.CharField(blank=True, max_length=200, null=True)),
                ('reviewer_image', models.URLField(blank=True, max_length=2048, null=True)),
                ('reviewer_url', models.URLField(blank=True, max_length=2048, null=True)),
                ('reviewed_at', models.DateTimeField()),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reviews', to='accounts.account')),
                ('location', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='reviews', to='crm.location')),
                ('platform', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='reviews.platform')),
                ('record', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='review', to='feedback.feedbackrecord')),
            ],
            options={
                'indexes': [models.Index(fields=['account', '-reviewed_at', '-id'], name='review_account_date'), models.Index(fields=['location', '-reviewed_at', '-id'], name='review_location_date'), models.Index(fields=['platform', 'account', '-reviewed_at', '-id'], name='review_platform_date'), models.Index(fields=['account', 'rating_of_five', 'id'], name='review_account_rating'), models.Index(fields=['account', 'title', 'id'], name='review_account_title'), models.Index(fields=['account', 'reviewer_name', 'id'], name='review_account_reviewer')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('external_id__isnull', False)), fields=('account', 'location', 'platform', 'external_id'), name='review_once'), models.CheckConstraint(condition=models.Q(('rating_of_five', None), models.Q(('rating_of_five__gte', 0), ('rating_of_five__lte', 5)), _connector='OR'), name='review_rating_within_five')],
            },
        ),
        migrations.CreateModel(
            name='ReviewEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_context', pghistory.utils.JSONField(null=True)),
                ('pgh_context_id', models.UUIDField(null=True)),
                ('id', models.BigIntegerField()),
                ('public_id', accounts.models.base.PublicIdField(unique=False)),
                ('external_id', models.CharField(blank=True, max_length=255, null=True)),
                ('title', models.CharField(blank=True, max_length=500, null=True)),
                ('description', models.TextField(blank=True, null=True)),
                ('rating_of_five', models.FloatField(blank=True, editable=False, null=True)),
                ('url', models.URLField(blank=True, max_length=2048, null=True)),
                ('reviewer_name', models.CharField(blank=True, max_length=200, null=True)),
                ('reviewer_image', models.URLField(blank=True, max_length=2048, null=True)),
                ('reviewer_url', models.URLField(blank=True, max_length=2048, null=True)),
                ('reviewed_at', models.DateTimeField()),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('account', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.account')),
                ('location', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='crm.location')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='reviews.review')),
                ('platform', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='reviews.platform')),
                ('record', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='feedback.feedbackrecord')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ReviewProfile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('url', models.URLField(max_length=2048)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='review_profiles', to='accounts.account')),
                ('location', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='review_profiles', to='crm.location')),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reviews.platform')),
            ],
            options={
                'verbose_name': 'review page',
                'constraints': [models.UniqueConstraint(fields=('location', 'url'), name='review_profile_once')],
            },
        ),
        migrations.CreateModel(
            name='ReviewProfileEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_context', pghistory.utils.JSONField(null=True)),
                ('pgh_context_id', models.UUIDField(null=True)),
                ('id', models.BigIntegerField()),
                ('url', models.URLField(max_length=2048)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('account', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.account')),
                ('location', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='crm.location')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='reviews.reviewprofile')),
                ('platform', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='reviews.platform')),
            ],
            options={
                'abstract': False,
            },
        ),
        feedbackhub.postgres.operations.AddTriggers(
            triggers=[('review', pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "reviews_reviewevent" ("account_id", "created_at", "description", "external_id", "id", "location_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "platform_id", "public_id", "rating_of_five", "record_id", "reviewed_at", "reviewer_image", "reviewer_name", "reviewer_url", "title", "url") VALUES (NEW."account_id", NEW."created_at", NEW."description", NEW."external_id", NEW."id", NEW."location_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."platform_id", NEW."public_id", NEW."rating_of_five", NEW."record_id", NEW."reviewed_at", NEW."reviewer_image", NEW."reviewer_name", NEW."reviewer_url", NEW."title", NEW."url"); RETURN NULL;', hash='a771c8255179854d47ee11266f2fe4ab1eea6b27', operation='INSERT', pgid='pgtrigger_insert_insert_7a7c1', table='reviews_review', when='AFTER'))), ('review', pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "reviews_reviewevent" ("account_id", "created_at", "description", "external_id", "id", "location_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "platform_id", "public_id", "rating_of_five", "record_id", "reviewed_at", "reviewer_image", "reviewer_name", "reviewer_url", "title", "url") VALUES (NEW."account_id", NEW."created_at", NEW."description", NEW."external_id", NEW."id", NEW."location_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."platform_id", NEW."public_id", NEW."rating_of_five", NEW."record_id", NEW."reviewed_at", NEW."reviewer_image", NEW."reviewer_name", NEW."reviewer_url", NEW."title", NEW."url"); RETURN NULL;', hash='e9a0759e693a82872c55976f2c33575ab189ce44', operation='UPDATE', pgid='pgtrigger_update_update_b34c8', table='reviews_review', when='AFTER'))), ('review', pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "reviews_reviewevent" ("account_id", "created_at", "description", "external_id", "id", "location_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "platform_id", "public_id", "rating_of_five", "record_id", "reviewed_at", "reviewer_image", "reviewer_name", "reviewer_url", "title", "url") VALUES (OLD."account_id", OLD."created_at", OLD."description", OLD."external_id", OLD."id", OLD."location_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."platform_id", OLD."public_id", OLD."rating_of_five", OLD."record_id", OLD."reviewed_at", OLD."reviewer_image", OLD."reviewer_name", OLD."reviewer_url", OLD."title", OLD."url"); RETURN NULL;', hash='c81f1b06382c8345344873c46d060d92faf9e921', operation='DELETE', pgid='pgtrigger_delete_delete_98b05', table='reviews_review', when='AFTER'))), ('reviewevent', pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='5a1e209eb50ced211e995b11f77552ac291a0cae', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_92188', table='reviews_reviewevent', when='BEFORE'))), ('reviewprofile', pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "reviews_reviewprofileevent" ("account_id", "created_at", "id", "location_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "platform_id", "url") VALUES (NEW."account_id", NEW."created_at", NEW."id", NEW."location_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."platform_id", NEW."url"); RETURN NULL;', hash='a0c02ed2a5823ccc08beb55a9662e38030ba7011', operation='INSERT', pgid='pgtrigger_insert_insert_a3fca', table='reviews_reviewprofile', when='AFTER'))), ('reviewprofile', pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "reviews_reviewprofileevent" ("account_id", "created_at", "id", "location_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "platform_id", "url") VALUES (NEW."account_id", NEW."created_at", NEW."id", NEW."location_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."platform_id", NEW."url"); RETURN NULL;', hash='9a97c01cb4d3e236f2a0280f0a783c11e85a524a', operation='UPDATE', pgid='pgtrigger_update_update_a1bc1', table='reviews_reviewprofile', when='AFTER'))), ('reviewprofile', pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "reviews_reviewprofileevent" ("account_id", "created_at", "id", "location_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "platform_id", "url") VALUES (OLD."account_id", OLD."created_at", OLD."id", OLD."location_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."platform_id", OLD."url"); RETURN NULL;', hash='004ca10864d5e8201b653069db6e124160920ec9', operation='DELETE', pgid='pgtrigger_delete_delete_b2f4a', table='reviews_reviewprofile', when='AFTER'))), ('reviewprofileevent', pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='583672383ccac8239f8f459259dbb55e6a5a387f', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_31e08', table='reviews_reviewprofileevent', when='BEFORE')))],
        ),
    ]
