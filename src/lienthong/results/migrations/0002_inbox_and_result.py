from django.db import migrations

from lienthong.core.partitions import create_table

INBOX = """
  id bigint NOT NULL DEFAULT timekey() PRIMARY KEY,
  source varchar(60) NOT NULL,
  sender varchar(200) NOT NULL,
  lane varchar(200) NOT NULL,
  control_id varchar(200) NOT NULL,
  message_type varchar(40) NOT NULL,
  raw bytea NOT NULL,
  digest varchar(64) NOT NULL,
  received_at timestamptz NOT NULL,
  state varchar(10) NOT NULL
    CONSTRAINT results_inbox_state CHECK (state IN ('received', 'stored', 'duplicate', 'control', 'held', 'rejected')),
  reason varchar(40) NOT NULL DEFAULT '',
  findings jsonb NOT NULL DEFAULT '[]',
  results_stored integer NOT NULL DEFAULT 0,
  results_held integer NOT NULL DEFAULT 0,
  attempts integer NOT NULL DEFAULT 0,
  processed_at timestamptz
"""
RESULT = """
  id bigint NOT NULL,
  patient_record_id bigint NOT NULL,
  report_id bigint NOT NULL,
  inbox_id bigint NOT NULL,
  key varchar(64) NOT NULL,
  version integer NOT NULL CONSTRAINT results_result_version CHECK (version >= 1),
  replaces bigint,
  is_current boolean NOT NULL,
  procedure_id bigint,
  analyte_id bigint NOT NULL,
  local_code text NOT NULL,
  local_name text NOT NULL,
  status varchar(12) NOT NULL
    CONSTRAINT results_result_status CHECK (status IN ('preliminary', 'final', 'corrected', 'withdrawn')),
  reported_value text NOT NULL,
  reported_unit text NOT NULL,
  comparator varchar(2) NOT NULL,
  value numeric(24, 10),
  outcome varchar(15) NOT NULL,
  reference_range text NOT NULL,
  reference_low numeric(24, 10),
  reference_high numeric(24, 10),
  flags text NOT NULL,
  collected_at timestamptz,
  measured_at timestamptz,
  released_at timestamptz,
  marks jsonb NOT NULL DEFAULT '[]',
  CONSTRAINT results_result_first_replaces_nothing CHECK ((version = 1) = (replaces IS NULL)),
  PRIMARY KEY (patient_record_id, id)
"""
INBOX_INDEXES = (
    "CREATE INDEX results_inbox_waiting ON results_inbox (id) WHERE state = 'received'",
    "CREATE INDEX results_inbox_held ON results_inbox (source, reason, id) WHERE state IN ('held', 'rejected') OR results_held > 0",
    "CREATE INDEX results_inbox_lane ON results_inbox (lane, id)",
    "CREATE INDEX results_inbox_digest ON results_inbox (digest)",
)
RESULT_INDEXES = (
    "CREATE INDEX results_result_report ON results_result (report_id)",
    "CREATE INDEX results_result_key ON results_result (key, version)",
    "CREATE INDEX results_result_message ON results_result (inbox_id)",
    "CREATE INDEX results_result_procedure ON results_result (procedure_id, measured_at)",
)


class Migration(migrations.Migration):
    dependencies = [("results", "0001_start"), ("core", "0002_audit_event")]
    operations = [
        create_table("results_inbox", INBOX, indexes=INBOX_INDEXES),
        create_table("results_result", RESULT, indexes=RESULT_INDEXES),
    ]
