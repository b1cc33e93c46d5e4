"""What pages of quality control show, as display dataclasses: templates decide nothing."""
