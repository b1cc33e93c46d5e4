from django.db import migrations

# Digests wait in the transaction of what they seal; one sequencer makes leaves of them. Tiles hold the inner nodes.
FORWARD = """
CREATE TABLE core_log_waiting (
  id bigint PRIMARY KEY,
  digest bytea NOT NULL CONSTRAINT core_log_waiting_digest CHECK (octet_length(digest) = 32)
);
CREATE TABLE core_log_leaf (
  position bigint PRIMARY KEY CONSTRAINT core_log_leaf_position CHECK (position >= 0),
  entry bigint NOT NULL CONSTRAINT core_log_leaf_once UNIQUE,
  digest bytea NOT NULL CONSTRAINT core_log_leaf_digest CHECK (octet_length(digest) = 32)
);
CREATE TABLE core_log_tile (
  level smallint NOT NULL CONSTRAINT core_log_tile_level CHECK (level >= 0),
  index bigint NOT NULL CONSTRAINT core_log_tile_index CHECK (index >= 0),
  hashes bytea NOT NULL
    CONSTRAINT core_log_tile_hashes CHECK (octet_length(hashes) BETWEEN 32 AND 1024 AND octet_length(hashes) % 32 = 0),
  PRIMARY KEY (level, index)
);
CREATE TABLE core_log_checkpoint (
  size bigint PRIMARY KEY CONSTRAINT core_log_checkpoint_size CHECK (size > 0),
  at timestamptz NOT NULL,
  root bytea NOT NULL CONSTRAINT core_log_checkpoint_root CHECK (octet_length(root) = 32),
  note text NOT NULL
);
"""
BACKWARD = "DROP TABLE core_log_checkpoint, core_log_tile, core_log_leaf, core_log_waiting"


class Migration(migrations.Migration):
    dependencies = [("core", "0003_audit_event_object")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
