"""What pages show, in display dataclasses: templates decide nothing."""
