"""Look back for customers who became known under an id or an address: the rows, and the triggers that write them."""

from __future__ import annotations

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('crm', '0002_lift_evidence'),
    ]

    operations = [
        migrations.CreateModel(
            name='Lookback',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked_at', models.DateTimeField()),
                ('looked_at', models.DateTimeField(null=True)),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='customer',
            trigger=pgtrigger.compiler.Trigger(name='look_back', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF NEW.deleted_at IS NULL AND NEW.merged_into_id IS NULL AND (TG_OP = 'INSERT'\n                        OR (OLD.email, OLD.mobile_number, OLD.deleted_at, OLD.merged_into_id)\n                            IS DISTINCT FROM (NEW.email, NEW.mobile_number, NEW.deleted_at, NEW.merged_into_id))\n                    THEN INSERT INTO crm_lookback (customer_id, asked_at) VALUES (NEW.id, clock_timestamp()) ON CONFLICT (customer_id) DO UPDATE SET asked_at = EXCLUDED.asked_at, looked_at = NULL; END IF;\n                    RETURN NULL;\n                ", hash='d6147ad3a695edd2572aa7b52a0694ae5d6e9aed', operation='INSERT OR UPDATE OF "email", "mobile_number", "deleted_at", "merged_into_id"', pgid='pgtrigger_look_back_d96bd', table='crm_customer', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='identity',
            trigger=pgtrigger.compiler.Trigger(name='look_back', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO crm_lookback (customer_id, asked_at) VALUES (NEW.customer_id, clock_timestamp()) ON CONFLICT (customer_id) DO UPDATE SET asked_at = EXCLUDED.asked_at, looked_at = NULL; RETURN NULL;', hash='91a30b8a35e1634c0c09f948cd3597e7933a34e4', operation='INSERT OR UPDATE OF "customer_id", "kind", "value"', pgid='pgtrigger_look_back_b1b73', table='crm_identity', when='AFTER')),
        ),
        migrations.AddField(
            model_name='lookback',
            name='customer',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='crm.customer'),
        ),
        migrations.AddIndex(
            model_name='lookback',
            index=models.Index(fields=['looked_at', 'id'], name='lookback_due'),
        ),
        # Those who are known already: what was said before them has waited until now.
        migrations.RunSQL(
            "INSERT INTO crm_lookback (customer_id, asked_at) SELECT id, now() FROM crm_customer "
            "WHERE deleted_at IS NULL AND merged_into_id IS NULL",
            migrations.RunSQL.noop,
        ),
    ]
