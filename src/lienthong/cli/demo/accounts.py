"""The accounts of the demonstration, one for each role; the password is printed, and is for this machine only."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from lienthong.core.actions import create_user
from lienthong.core.models import User
from lienthong.registry import actions as registry

PASSWORD = "lienthong-demo"  # noqa: S105 — printed by the command, valid in the demonstration only


@dataclass(frozen=True, slots=True)
class Account:
    """A demonstration account and the place where it holds its role."""

    username: str
    full_name: str
    role: str
    language: str = "vi"
    laboratory: str = ""
    facility: str = ""
    region: str = ""


ACCOUNTS = (
    Account("technician", "Phạm Thị Mai", "technician", laboratory="30001-L1"),
    Account("manager", "Đỗ Quang Sơn", "manager", laboratory="30001-L1"),
    Account("officer", "Vũ Ngọc Lan", "officer", region="VN-HD"),
    Account("clinician", "Lê Đức Nam", "clinician", facility="30101"),
    Account("operator", "Bùi Thu Hương", "operator", region="VN-HD"),
    Account("administrator", "Ngô Hữu Khoa", "administrator", region="VN"),
    Account("technician2", "Trần Minh Yến", "technician", laboratory="30101-L1"),
    Account("clinician-central", "Hoàng Văn Lâm", "clinician", facility="30001"),
    Account("longnan-doctor", "陈志明", "clinician", "zh-hans", facility="360783001"),
    Account("longnan-officer", "赖丽", "officer", "zh-hans", region="CN-360783"),
    Account("longnan-manager", "钟静", "manager", "zh-hans", laboratory="360783002-L1"),
)


def create_accounts(*, by: User, at: dt.datetime) -> None:
    """Create the accounts and bind their roles; the same again changes nothing."""
    for account in ACCOUNTS:
        user = create_user(
            username=account.username, full_name=account.full_name, password=PASSWORD, language=account.language
        )
        registry.bind_role(
            user=user,
            role=account.role,
            laboratory=account.laboratory,
            facility=account.facility,
            region=account.region,
            by=by,
            at=at,
        )
