"""The colours that covers are drawn in: a few moods, each with some harmonious sets."""

from typing import NamedTuple


class Palette(NamedTuple):
    top: str  # the sky above
    low: str  # and at the horizon
    far: str  # what stands back
    near: str  # what stands in front, and the ground of the lettering
    glow: str  # the one light
    spark: str  # a second, sparing one


def _sets(*lines: str) -> tuple[Palette, ...]:
    return tuple(Palette(*(f"#{colour}" for colour in line.split())) for line in lines)


MOODS = {
    "cosmos": _sets(
        "0b1f3f 4f7cac 28507e 0a1428 ffd6a5 8fd3ff",
        "1a1036 7a3b8f 4b2673 120a26 ffb3c7 9ad1ff",
        "04222b 1f7a8c 135260 04161c ffe0a3 7ff0d8",
        "141432 c8576a 6b3260 0e0e24 ffd7ae ffa48a",
        "0a1a2a 2f4f8f 20386b 081220 e8e2ff a0b8ff",
    ),
    "steel": _sets(
        "141d38 f2715a 8a3f63 0c1226 ffd08a 7fd6ff",
        "0c2340 3fa7c9 23648c 081830 ffe2a0 ff9e7a",
        "231942 be6fb0 6d4393 150f2b ffd6c0 8fe3ff",
        "1c2b2d d9a05b 5f6b57 111b1d fff0c4 ff8f5a",
    ),
    "dread": _sets(
        "1b0710 8f1d2c 541220 12040a ff8a6b ffd0b8",
        "120b22 5b2a86 381a5b 0c0717 e9a6ff ff7ab8",
        "0c1a17 2f6b58 1b4438 07110f d7ff9e 8affc1",
        "1a1320 b3475f 6b2b47 120c18 ffd3a8 ff8fa3",
    ),
    "mind": _sets(
        "1a1440 8155ba 4a3285 120d2e ffcf9e ff7aa8",
        "0d2136 3d7ea6 27567d 091626 ffe0b0 ff6f59",
        "2d0f33 c8497b 7a2c66 1b0920 ffe5b4 8be0e8",
        "0f2a2a 2e8b7d 1d5c58 081b1c fff2b0 ff8f70",
    ),
    "noir": _sets(
        "0d1b2e 37567a 22395a 0a1220 ffcf7d ff8c5a",
        "161a26 6b5b73 40384f 0e1018 ffd9a0 e08d79",
        "0b2227 2b6770 184850 071518 f6e27a ff9e64",
        "1d1530 5d4a8a 3a2e60 120d20 ffc98a ff8fa0",
    ),
    "spirit": _sets(
        "1d1140 7a4fa3 4a2e73 140b2b ffe9c9 ff9bb0",
        "0f1f45 6c6fb5 3f4786 0b1430 fdf0d0 ffb48a",
        "2a0f2e b0517f 6d2f5c 1a0a1f ffe3c2 ffa3a3",
        "06262e 3f8f87 226060 051a20 f5f2d0 ffbd7a",
    ),
    "heat": _sets(
        "3a0d12 e4572e a5301f 22070c ffd166 fff1c9",
        "3d1c0a f08a24 b45a14 1c0d06 ffe29a fff8e6",
        "10223f e2574c 8b3450 0b1428 ffd9a0 fff3dc",
        "0d2c33 e89a3c 4f7a5b 081d22 fff0c2 ff7f50",
        "241046 e0509a 7d2f86 160a2c ffe08a a8f0ff",
    ),
    "bloom": _sets(
        "5a2350 f08ea2 b9557f 351432 fff0e6 ffd1dc",
        "2f2a5e e79bb5 8d6199 1f1b40 fff2df ffc2d4",
        "7a2e3d f7b58c c76a63 471a28 fff3e0 ffd8c2",
        "234a5c a9c9c4 5f8c99 15303d fff4ec ffb7c5",
    ),
    "sea": _sets(
        "1b2a49 e08e79 7a5c7f 111c33 ffe3b8 ffc09a",
        "123047 7fb3b0 3f7686 0b2030 fff0c7 ffd59a",
        "33214f d9809b 7d4b82 1f1433 ffe6c4 ffb7a0",
        "20323a b8a58a 66736f 142227 fff3d6 ffe0a8",
    ),
    "meadow": _sets(
        "3c7fa6 f6d9a8 6fae8b 1d4a4a fff5d8 ffb36b",
        "b8604f ffd9a0 b5894f 43331f fff4d6 ffffff",
        "2f6f73 d8e2a8 6da068 17403a fffbe0 ffd27a",
        "5a5a9c f5b9a0 a66f8b 332a4e fff0d8 ffd0a0",
    ),
    "realm": _sets(
        "0f3b4c 8fd0b0 3d8a86 0a2a35 fff2c4 ffd27a",
        "2b2559 c98bb5 6f559a 1b173d ffe9c4 ffc9a0",
        "123326 b7c96a 4f8450 0b2219 fff6cf f7e08a",
        "3a1f3f f0a36b 94566b 241329 ffeabf ffd08a",
        "12294f 8db4e2 4a73ad 0c1c38 fff4dc d6ecff",
    ),
    "pop": _sets(
        "12355b ff9f1c e4572e 0b2038 ffe8b8 2ec4b6",
        "3d1d4f ff6b8b f7b538 27123a fff0d9 43bccd",
        "0e4d53 f4d35e ee964b 08323a fdf0d5 f95738",
        "23395b 8fd6b4 59c9a5 152440 fffdf0 ffb7a5",
    ),
    "sound": _sets(
        "2a0f45 d64f8f 7d2f86 190a2b ffd9a0 6fe3ff",
        "0d2a4a 3fb3a8 20708a 081b30 ffeaa8 ff8fb0",
        "3f1230 f08a4b a8434f 260b1e fff0c8 ffc1e0",
    ),
    "history": _sets(
        "5c2018 e0a458 a65a2e 36120e fff0cf f5d08a",
        "1d2f4a d9b382 6b7a85 122033 fff2d8 e07a5f",
        "2c3a1e d8b65c 7d8a3f 1a2412 fff4cf d9694a",
        "3b1b2c d88a7a 8f4a58 240f1b ffe9cf ffc48a",
    ),
    "sky": _sets(
        "2f78b7 bfe3ea 7fb9d6 1d4468 ffffff ffe0a0",
        "6b5fae ffc9b0 c290b8 3d3570 fff6ea ffe3a8",
        "1f8a9c d5f0d0 74c2ba 145566 ffffff fff0a8",
    ),
}


def mix(one: str, other: str, share: float) -> str:
    """`share` of the way from one colour to the other."""
    pairs = ((int(one[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)
