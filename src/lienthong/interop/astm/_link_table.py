"""The link of ASTM E1381 as one table: in which state, on which event, which state follows and what is done.

What is not in the table changes nothing: a byte that means nothing in a state is skipped.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Literal

Role = Literal["host", "instrument"]


class State(Enum):
    """Where the link is. `NEUTRAL` is between transmissions."""

    NEUTRAL = auto()
    CALLING = auto()  # ENQ was sent, its answer is awaited
    STEPPING_BACK = auto()  # the other side was busy, or called at the same time: ENQ is sent again later
    SENDING = auto()  # a frame was sent, its answer is awaited
    RECEIVING = auto()  # a frame is awaited
    DECIDING = auto()  # a message is complete; whoever keeps it has to say that it is kept


class Event(Enum):
    """What may happen, told apart as far as the next step depends on it."""

    CALL = auto()
    ENQ = auto()
    ENQ_CROSSED = auto()  # the other side called at the same time
    ENQ_REFUSED = auto()
    ENQ_REFUSED_FINALLY = auto()
    EOT = auto()
    ACK = auto()
    ACK_OF_LAST = auto()
    NAK = auto()
    NAK_FINALLY = auto()
    FRAME = auto()
    FRAME_AGAIN = auto()
    FRAME_FAULTY = auto()
    FRAME_COMPLETES = auto()
    KEPT = auto()
    NOT_KEPT = auto()
    TIMEOUT = auto()


class Act(Enum):
    """What is done on the way."""

    SEND_ENQ = auto()
    SEND_EOT = auto()
    SEND_ACK = auto()
    SEND_NAK = auto()
    SEND_FRAME = auto()
    NEXT_FRAME = auto()
    FIRST_FRAME = auto()
    SUCCEED = auto()
    FAIL = auto()
    OPEN = auto()
    TAKE = auto()
    HAND_OVER = auto()
    CLEAR = auto()
    PUT_BACK = auto()
    BREAK_OFF = auto()
    WAIT_FOR_THE_BUSY = auto()
    WAIT_FOR_THE_OTHER = auto()


Step = tuple[State, tuple[Act, ...]]

ALLOWED_TRANSITIONS: dict[tuple[State, Event], Step] = {
    (State.NEUTRAL, Event.CALL): (State.CALLING, (Act.SEND_ENQ,)),
    (State.NEUTRAL, Event.ENQ): (State.RECEIVING, (Act.OPEN, Act.SEND_ACK)),
    (State.CALLING, Event.ACK): (State.SENDING, (Act.FIRST_FRAME, Act.SEND_FRAME)),
    (State.CALLING, Event.ENQ_REFUSED): (State.STEPPING_BACK, (Act.WAIT_FOR_THE_BUSY,)),
    (State.CALLING, Event.ENQ_REFUSED_FINALLY): (State.NEUTRAL, (Act.SEND_EOT, Act.FAIL)),
    (State.CALLING, Event.ENQ_CROSSED): (State.STEPPING_BACK, (Act.WAIT_FOR_THE_OTHER,)),
    (State.CALLING, Event.TIMEOUT): (State.NEUTRAL, (Act.SEND_EOT, Act.FAIL)),
    (State.STEPPING_BACK, Event.ENQ): (State.RECEIVING, (Act.OPEN, Act.SEND_ACK)),
    (State.STEPPING_BACK, Event.TIMEOUT): (State.CALLING, (Act.SEND_ENQ,)),
    (State.SENDING, Event.ACK): (State.SENDING, (Act.NEXT_FRAME, Act.SEND_FRAME)),
    (State.SENDING, Event.ACK_OF_LAST): (State.NEUTRAL, (Act.SEND_EOT, Act.SUCCEED)),
    (State.SENDING, Event.NAK): (State.SENDING, (Act.SEND_FRAME,)),
    (State.SENDING, Event.NAK_FINALLY): (State.NEUTRAL, (Act.SEND_EOT, Act.FAIL)),
    (State.SENDING, Event.TIMEOUT): (State.NEUTRAL, (Act.SEND_EOT, Act.FAIL)),
    (State.RECEIVING, Event.FRAME): (State.RECEIVING, (Act.TAKE, Act.SEND_ACK)),
    (State.RECEIVING, Event.FRAME_AGAIN): (State.RECEIVING, (Act.SEND_ACK,)),
    (State.RECEIVING, Event.FRAME_FAULTY): (State.RECEIVING, (Act.SEND_NAK,)),
    (State.RECEIVING, Event.FRAME_COMPLETES): (State.DECIDING, (Act.TAKE, Act.HAND_OVER)),
    (State.RECEIVING, Event.ENQ): (State.RECEIVING, (Act.BREAK_OFF, Act.OPEN, Act.SEND_ACK)),
    (State.RECEIVING, Event.EOT): (State.NEUTRAL, (Act.BREAK_OFF,)),
    (State.RECEIVING, Event.TIMEOUT): (State.NEUTRAL, (Act.BREAK_OFF,)),
    (State.DECIDING, Event.KEPT): (State.RECEIVING, (Act.CLEAR, Act.SEND_ACK)),
    (State.DECIDING, Event.NOT_KEPT): (State.RECEIVING, (Act.PUT_BACK, Act.SEND_NAK)),
}

# Seconds (E1381-02, clauses 6.2.1 and 6.5.2): an answer is awaited for 15, a frame for 30; a busy receiver is called
# again after 10; where both called, the instrument calls again after 1 and the host not before 20.
SECONDS: dict[State, float] = {State.CALLING: 15.0, State.SENDING: 15.0, State.RECEIVING: 30.0}
SECONDS_WHERE_BUSY = 10.0
SECONDS_WHERE_BOTH_CALLED: dict[Role, float] = {"instrument": 1.0, "host": 20.0}
ATTEMPTS = 6
