"""What the laboratory wrote beside a result, on the card of a connected system."""

from __future__ import annotations

from django.test import Client
from tests.integration.portal.conftest import Scene, draft_of, store
from tests.integration.portal.test_cds_hooks import SIGN, asked, call, cards
from tests.integration.portal.test_cds_hooks import his as his  # the fixture


def test_card_says_what_the_laboratory_wrote_beside_a_result_that_stands(his: Client, scene: Scene) -> None:
    store(scene, "HBA1C", draft_of(scene, "HBA1C", comment="lipaemic\n*repeat*"), inbox_id=2, comment="night shift")

    (card,) = cards(call(his, SIGN, asked()))

    assert "Comment of the laboratory: lipaemic / \\*repeat\\*  \n" in card["detail"]
    assert "Comment of the laboratory on the report: night shift  \n" in card["detail"]
