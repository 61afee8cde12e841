
import django.contrib.postgres.fields
import django.db.models.deletion
import feedbackhub.ids
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('feedback', '0003_customer_links'),
    ]

    operations = [
        migrations.CreateModel(
            name='TenantPurge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tenant_id', models.CharField(max_length=255)),
                ('requested_at', models.DateTimeField()),
                ('deleted', models.PositiveIntegerField(default=0)),
                ('due_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='TenantSettings',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tenant_id', models.CharField(max_length=255)),
                ('settings', models.JSONField(default=dict)),
                ('updated_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'verbose_name': "tenant's settings",
                'verbose_name_plural': "tenants' settings",
            },
        ),
        migrations.CreateModel(
            name='TenantSettingsEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_context', pghistory.utils.JSONField(null=True)),
                ('pgh_context_id', models.UUIDField(null=True)),
                ('id', models.BigIntegerField()),
                ('tenant_id', models.CharField(max_length=255)),
                ('settings', models.JSONField(default=dict)),
                ('updated_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='WebhookDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('delivered', 'Delivered'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='waiting', max_length=10)),
                ('due_at', models.DateTimeField(blank=True, null=True)),
                ('lease', models.UUIDField(blank=True, editable=False, null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('tries', models.JSONField(blank=True, default=list)),
                ('last_status', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'verbose_name_plural': 'webhook deliveries',
            },
        ),
        migrations.CreateModel(
            name='WebhookEndpoint',
            fields=[
                ('id', models.UUIDField(default=feedbackhub.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant_id', models.CharField(max_length=255)),
                ('url', models.CharField(max_length=2048)),
                ('enabled', models.BooleanField(default=True)),
                ('event_types', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None)),
                ('sealed_key', models.TextField(editable=False)),
                ('disabled_reason', models.CharField(blank=True, max_length=255, null=True)),
                ('disabled_at', models.DateTimeField(blank=True, null=True)),
                ('exhausted', models.PositiveIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'webhook',
            },
        ),
        migrations.CreateModel(
            name='WebhookEndpointEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_context', pghistory.utils.JSONField(null=True)),
                ('pgh_context_id', models.UUIDField(null=True)),
                ('id', models.UUIDField(default=feedbackhub.ids.uuid7, editable=False, serialize=False)),
                ('tenant_id', models.CharField(max_length=255)),
                ('url', models.CharField(max_length=2048)),
                ('enabled', models.BooleanField(default=True)),
                ('event_types', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None)),
                ('disabled_reason', models.CharField(blank=True, max_length=255, null=True)),
                ('disabled_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField()),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='WebhookEvent',
            fields=[
                ('id', models.UUIDField(default=feedbackhub.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant_id', models.CharField(max_length=255)),
                ('type', models.CharField(max_length=40)),
                ('happened_at', models.DateTimeField()),
                ('data', models.JSONField()),
                ('subject_id', models.UUIDField(blank=True, null=True)),
                ('changed_fields', models.JSONField(blank=True, null=True)),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='feedbackrecord',
            trigger=pgtrigger.compiler.Trigger(name='stored', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n  IF EXISTS (\n    SELECT 1 FROM (SELECT DISTINCT account_id, tenant_id FROM stored WHERE contract = 'hub' AND tenant_id <> '') each\n    WHERE NOT pg_try_advisory_xact_lock_shared(hashtextextended(each.account_id::text || ':' || each.tenant_id, 20260301))\n  ) THEN\n    RAISE EXCEPTION 'the tenant is being erased' USING ERRCODE = 'lock_not_available';\n  END IF;\n  -- The look alone is cheaper than starting an INSERT that stores nothing.\n  IF NOT EXISTS (\n    SELECT 1 FROM stored r JOIN feedback_webhookendpoint e ON e.account_id = r.account_id AND e.tenant_id = r.tenant_id AND e.enabled\n      AND (e.event_types = '{}' OR 'feedback_record.created' = ANY(e.event_types)) WHERE r.contract = 'hub'\n  ) THEN\n    RETURN NULL;\n  END IF;\n  WITH event AS (\n    INSERT INTO feedback_webhookevent (id, account_id, tenant_id, type, happened_at, data, subject_id)\n    SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) PLACING\n      substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),\n      52, 1), 53, 1), 'hex')::uuid, r.account_id, r.tenant_id, 'feedback_record.created', r.created_at, to_jsonb(r), r.id\n    FROM stored r\n    WHERE r.contract = 'hub' AND EXISTS (\n      SELECT 1 FROM feedback_webhookendpoint e WHERE e.account_id = r.account_id AND e.tenant_id = r.tenant_id AND e.enabled\n      AND (e.event_types = '{}' OR 'feedback_record.created' = ANY(e.event_types)))\n    RETURNING id, account_id, tenant_id\n  )\n  INSERT INTO feedback_webhookdelivery (account_id, endpoint_id, event_id, state, due_at, attempts, tries, created_at)\n  SELECT event.account_id, e.id, event.id, 'waiting', statement_timestamp(), 0, '[]', statement_timestamp()\n  FROM event JOIN feedback_webhookendpoint e ON e.account_id = event.account_id AND e.tenant_id = event.tenant_id AND e.enabled\n      AND (e.event_types = '{}' OR 'feedback_record.created' = ANY(e.event_types));\n  RETURN NULL;\n", hash='d1ba0089e43dfbef512ee4e55231cdbf79716fa6', level='STATEMENT', operation='INSERT', pgid='pgtrigger_stored_3cefa', referencing='REFERENCING NEW TABLE AS stored ', table='feedback_feedbackrecord', when='AFTER')),
        ),
        migrations.AddField(
            model_name='tenantpurge',
            name='account',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='tenantsettings',
            name='account',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='tenantsettingsevent',
            name='account',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='tenantsettingsevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='feedback.tenantsettings'),
        ),
        migrations.AddField(
            model_name='webhookdelivery',
            name='account',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='webhookendpoint',
            name='account',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='webhook_endpoints', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='webhookdelivery',
            name='endpoint',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='feedback.webhookendpoint'),
        ),
        migrations.AddField(
            model_name='webhookendpointevent',
            name='account',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='webhookendpointevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='feedback.webhookendpoint'),
        ),
        migrations.AddField(
            model_name='webhookevent',
            name='account',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='webhookdelivery',
            name='event',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='feedback.webhookevent'),
        ),
        migrations.AddIndex(
            model_name='tenantpurge',
            index=models.Index(condition=models.Q(('finished_at', None)), fields=['due_at'], name='tenant_purge_due'),
        ),
        migrations.AddConstraint(
            model_name='tenantpurge',
            constraint=models.UniqueConstraint(condition=models.Q(('finished_at', None)), fields=('account', 'tenant_id'), name='tenant_purge_running_once'),
        ),
        migrations.AddConstraint(
            model_name='tenantsettings',
            constraint=models.UniqueConstraint(fields=('account', 'tenant_id'), name='tenant_settings_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='tenantsettings',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "feedback_tenantsettingsevent" ("account_id", "id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "settings", "tenant_id", "updated_at") VALUES (NEW."account_id", NEW."id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."settings", NEW."tenant_id", NEW."updated_at"); RETURN NULL;', hash='145eba13801d144998bc7a1e3084ffeba1ebf333', operation='INSERT', pgid='pgtrigger_insert_insert_9587f', table='feedback_tenantsettings', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='tenantsettings',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "feedback_tenantsettingsevent" ("account_id", "id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "settings", "tenant_id", "updated_at") VALUES (NEW."account_id", NEW."id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."settings", NEW."tenant_id", NEW."updated_at"); RETURN NULL;', hash='f09c0ca7bc1d388aefb2f7f983f760ddfb88e3a3', operation='UPDATE', pgid='pgtrigger_update_update_7261d', table='feedback_tenantsettings', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='tenantsettings',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "feedback_tenantsettingsevent" ("account_id", "id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "settings", "tenant_id", "updated_at") VALUES (OLD."account_id", OLD."id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."settings", OLD."tenant_id", OLD."updated_at"); RETURN NULL;', hash='51319a9c81b595ae9cb5e1f515cd5adcb383e812', operation='DELETE', pgid='pgtrigger_delete_delete_a67cf', table='feedback_tenantsettings', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='tenantsettingsevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='ffbaf652c519fe531b80f80dca2bc21c7549bcd9', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_05279', table='feedback_tenantsettingsevent', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='webhookendpoint',
            index=models.Index(condition=models.Q(('enabled', True)), fields=['account', 'tenant_id'], name='webhook_of_tenant'),
        ),
        migrations.AddIndex(
            model_name='webhookendpoint',
            index=models.Index(fields=['account', '-created_at', 'id'], name='webhook_list'),
        ),
        migrations.AddConstraint(
            model_name='webhookendpoint',
            constraint=models.CheckConstraint(condition=models.Q(('tenant_id', ''), _negated=True), name='webhook_has_a_tenant'),
        ),
        migrations.AddConstraint(
            model_name='webhookendpoint',
            constraint=models.CheckConstraint(condition=models.Q(('enabled', False), models.Q(('disabled_at', None), ('disabled_reason', None)), _connector='OR'), name='webhook_enabled_or_told_why'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='webhookendpoint',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "feedback_webhookendpointevent" ("account_id", "created_at", "disabled_at", "disabled_reason", "enabled", "event_types", "id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "tenant_id", "updated_at", "url") VALUES (NEW."account_id", NEW."created_at", NEW."disabled_at", NEW."disabled_reason", NEW."enabled", NEW."event_types", NEW."id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."tenant_id", NEW."updated_at", NEW."url"); RETURN NULL;', hash='58fadded8e7f8d75ff5f04bcbdf78c2a52bb9580', operation='INSERT', pgid='pgtrigger_insert_insert_31a62', table='feedback_webhookendpoint', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='webhookendpoint',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."account_id" IS DISTINCT FROM (NEW."account_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."disabled_at" IS DISTINCT FROM (NEW."disabled_at") OR OLD."disabled_reason" IS DISTINCT FROM (NEW."disabled_reason") OR OLD."enabled" IS DISTINCT FROM (NEW."enabled") OR OLD."event_types" IS DISTINCT FROM (NEW."event_types") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."tenant_id" IS DISTINCT FROM (NEW."tenant_id") OR OLD."updated_at" IS DISTINCT FROM (NEW."updated_at") OR OLD."url" IS DISTINCT FROM (NEW."url"))', func='INSERT INTO "feedback_webhookendpointevent" ("account_id", "created_at", "disabled_at", "disabled_reason", "enabled", "event_types", "id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "tenant_id", "updated_at", "url") VALUES (NEW."account_id", NEW."created_at", NEW."disabled_at", NEW."disabled_reason", NEW."enabled", NEW."event_types", NEW."id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."tenant_id", NEW."updated_at", NEW."url"); RETURN NULL;', hash='4e42f4197bbcede22ba85480d6b0f6d65b2489fe', operation='UPDATE', pgid='pgtrigger_update_update_b27e8', table='feedback_webhookendpoint', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='webhookendpoint',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "feedback_webhookendpointevent" ("account_id", "created_at", "disabled_at", "disabled_reason", "enabled", "event_types", "id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "tenant_id", "updated_at", "url") VALUES (OLD."account_id", OLD."created_at", OLD."disabled_at", OLD."disabled_reason", OLD."enabled", OLD."event_types", OLD."id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."tenant_id", OLD."updated_at", OLD."url"); RETURN NULL;', hash='d61df01eea5f6cca29263c774277c59fa9426ad5', operation='DELETE', pgid='pgtrigger_delete_delete_f8af6', table='feedback_webhookendpoint', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='webhookendpointevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='8f63d8db07af5db9cc7ff6464b030aa9b2c347c1', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_ed84f', table='feedback_webhookendpointevent', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='webhookevent',
            index=models.Index(fields=['subject_id'], name='event_subject'),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['account', 'endpoint', 'due_at', 'id'], name='delivery_due'),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(fields=['account', '-id'], name='delivery_log'),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(fields=['endpoint', '-id'], name='delivery_of_endpoint'),
        ),
        migrations.AddConstraint(
            model_name='webhookdelivery',
            constraint=models.UniqueConstraint(fields=('endpoint', 'event'), name='delivery_once'),
        ),
        migrations.AddConstraint(
            model_name='webhookdelivery',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'delivered', 'failed', 'cancelled'])), name='delivery_state_known'),
        ),
        migrations.AddConstraint(
            model_name='webhookdelivery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('due_at__isnull', False), ('finished_at', None), ('state', 'waiting')), models.Q(models.Q(('state', 'waiting'), _negated=True), ('due_at', None), ('finished_at__isnull', False)), _connector='OR'), name='delivery_waiting_iff_due'),
        ),
    ]
