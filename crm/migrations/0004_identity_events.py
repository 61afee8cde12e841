"""Who gave an id to a customer, and who took it away: audited as every other row of theirs."""

from __future__ import annotations

import django.db.models.deletion
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('crm', '0003_look_back'),
    ]

    operations = [
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
            ],
            options={
                'abstract': False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='identity',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "crm_identityevent" ("account_id", "created_at", "customer_id", "id", "kind", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "value") VALUES (NEW."account_id", NEW."created_at", NEW."customer_id", NEW."id", NEW."kind", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."value"); RETURN NULL;', hash='fe4f037666fc4c40d115c4ae182ef458fdbe31ed', operation='INSERT', pgid='pgtrigger_insert_insert_9c49e', table='crm_identity', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='identity',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "crm_identityevent" ("account_id", "created_at", "customer_id", "id", "kind", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "value") VALUES (NEW."account_id", NEW."created_at", NEW."customer_id", NEW."id", NEW."kind", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."value"); RETURN NULL;', hash='81681349a96a964194e5b4665ac50ce8697656ea', operation='UPDATE', pgid='pgtrigger_update_update_c0f59', table='crm_identity', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='identity',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "crm_identityevent" ("account_id", "created_at", "customer_id", "id", "kind", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "value") VALUES (OLD."account_id", OLD."created_at", OLD."customer_id", OLD."id", OLD."kind", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."value"); RETURN NULL;', hash='4cda616edbcd8df70605bc308829a057c2596625', operation='DELETE', pgid='pgtrigger_delete_delete_60823', table='crm_identity', when='AFTER')),
        ),
        migrations.AddField(
            model_name='identityevent',
            name='account',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='identityevent',
            name='customer',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='crm.customer'),
        ),
        migrations.AddField(
            model_name='identityevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='crm.identity'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='identityevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='bada86c993bd0e8d2a3085e4068a6e921676f536', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_b242a', table='crm_identityevent', when='BEFORE')),
        ),
    ]
