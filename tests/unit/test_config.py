from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from imu_imageprep import config
from imu_imageprep.config import From, Origin
from imu_imageprep.domain.errors import PolicyProblem, UsageProblem
from imu_imageprep.domain.photo import Format, Size
from imu_imageprep.domain.policy import Level, Names, Policy, Position, Profile
from imu_imageprep.domain.policy_file import parse

WHOLE = """
profile = "official"
channel = "instagram"
[owner]
name = "IMU"
responsible = "the web editor"
role = "editor"
contact = "the communications office"
[export]
size = [1024, 768]
dpi = 72
format = "webp"
quality = 80
names = "neutral"
[watermark]
text = "© {year} {owner}"
logo = ""
font = ""
position = "tile"
opacity = 1
[flags]
face = "note"
clinical = "hold"
source = "off"
code = "hold"
unknown_source = "off"
[faces]
min_face = 16
[clinical]
threshold = 0.5
[limits]
megapixels = 100
bytes = 1_000_000
seconds = 2.5
[official]
logo_sha256 = []
approved_by = ""
[register]
recognise = true
key_file = "/safe/key"
"""


def test_every_key_is_read() -> None:
    policy = parse(WHOLE, Policy(), "here")
    assert policy.profile is Profile.OFFICIAL
    assert policy.owner.contact == "the communications office"
    assert policy.export.size == Size(1024, 768)
    assert policy.export.format is Format.WEBP
    assert policy.export.names is Names.NEUTRAL
    assert policy.watermark.position is Position.TILE
    assert policy.flags.face is Level.NOTE
    assert policy.flags.unknown_source is Level.OFF
    assert policy.faces.min_face == 16
    assert policy.clinical.threshold == 0.5
    assert policy.limits.seconds == 2.5


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('ownr = "x"', "ownr is not a key of the configuration. Did you mean owner?"),
        (
            "[flags]\nfaces = 'hold'",
            "flags.faces is not a key of the configuration. Did you mean flags.face?",
        ),
        ("[flags]\nface = 'maybe'", "flags.face must be one of hold, note, off"),
        ("[export]\nsize = [800]", "export.size must be two whole numbers"),
        ("[export]\nsize = [true, 600]", "export.size must be two whole numbers"),
        ("[export]\nquality = 85.5", "export.quality must be a whole number"),
        ("[export]\nquality = true", "export.quality must be a whole number"),
        ("[watermark]\nopacity = 'half'", "watermark.opacity must be a number"),
        ("[official]\nlogo_sha256 = 'abc'", "official.logo_sha256 must be a list of texts"),
        ("owner = 'me'", "owner must be a section"),
        ("profile = 3", "profile must be one of personal, official"),
        ("[export", "is not valid TOML"),
    ],
)
def test_a_mistake_is_never_passed_over(text: str, says: str) -> None:
    with pytest.raises(PolicyProblem) as caught:
        parse(text, Policy(), "here.toml")
    assert says in caught.value.message
    assert caught.value.message.startswith("here.toml")


def test_a_given_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(PolicyProblem, match="There is no configuration file"):
        config.load(tmp_path / "none.toml")


def test_without_any_file_the_defaults_hold() -> None:
    assert config.load() == Policy()


def test_the_users_own_file_is_read() -> None:
    own = config.user_file()
    own.parent.mkdir(parents=True)
    own.write_text('channel = "campus"', "utf-8")
    assert config.load().channel == "campus"


@pytest.mark.parametrize(
    "text",
    [
        "[flags]\nface = 'hold'",
        "[flags]\nunknown_source = 'hold'",
        "[faces]\nmin_face = 10",
        "[faces]\nmin_face = 0",
        "[faces]\nperson = 'hold'",
        "[clinical]\nthreshold = 0.3",
        "[clinical]\nthreshold = 0.1",
        "[clinical]\ndoubt = 0.1",
        "[clinical]\nalbum = true",
        "[flags]\ndoubt = 'hold'",
        "[limits]\nmegapixels = 10",
        "[limits]\nsandbox = 'require'",
        "[export]\nsize = [640, 480]",
        "[export]\nnames = 'neutral'",
    ],
)
def test_a_photo_folder_may_tighten(tmp_path: Path, text: str) -> None:
    (tmp_path / config.FILE_NAME).write_text(text, "utf-8")
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    base = parse(
        "[flags]\nface = 'note'\n[faces]\nmin_face = 12\n"
        "[clinical]\nthreshold = 0.4\ndoubt = 0.2\nalbum = false",
        Policy(),
        "base",
    )
    assert config.folder_policy(inner, base) == parse(text, base, "again")
    assert config.folder_policy(tmp_path.parent, base) == base


@pytest.mark.parametrize(
    "text",
    [
        "[flags]\nface = 'note'",
        "[flags]\nclinical = 'off'",
        "[flags]\nunknown_source = 'off'",
        "[faces]\nmin_face = 1",
        "[clinical]\nthreshold = 0.01",
        "[clinical]\ndoubt = 0.01",
        "[clinical]\nalbum = false",
        "[flags]\ndoubt = 'note'",
        "[limits]\nseconds = 3600",
        "[export]\nsize = [2000, 600]",
        "[export]\nquality = 10",
        "[watermark]\ntext = 'other'",
        "profile = 'personal'",
        "channel = 'other'",
    ],
)
def test_a_photo_folder_may_not_loosen(tmp_path: Path, text: str) -> None:
    (tmp_path / config.FILE_NAME).write_text(text, "utf-8")
    with pytest.raises(PolicyProblem, match=r"photo folder|would make the policy less strict"):
        config.folder_policy(tmp_path, Policy())


def test_a_folder_may_not_do_without_a_sandbox(tmp_path: Path) -> None:
    (tmp_path / config.FILE_NAME).write_text("[limits]\nsandbox = 'try'", "utf-8")
    base = parse("[limits]\nsandbox = 'require'", Policy(), "base")
    with pytest.raises(PolicyProblem, match=r"limits\.sandbox would make the policy less strict"):
        config.folder_policy(tmp_path, base)
    assert base.digest() == Policy().digest()  # it decides nothing about a picture


def test_a_folder_may_not_turn_a_threshold_back_to_the_models(tmp_path: Path) -> None:
    (tmp_path / config.FILE_NAME).write_text("[clinical]\nthreshold = 0", "utf-8")
    base = parse("[clinical]\nthreshold = 0.2", Policy(), "base")
    with pytest.raises(PolicyProblem, match="would make the policy less strict"):
        config.folder_policy(tmp_path, base)


def test_the_given_file_is_not_read_again_as_a_folders(tmp_path: Path) -> None:
    given = tmp_path / config.FILE_NAME
    given.write_text("[flags]\nface = 'note'\n[watermark]\ntext = 'mine'", "utf-8")
    policy = config.load(given)
    assert config.folder_policy(tmp_path, policy, given) == policy


def test_where_each_value_comes_from(tmp_path: Path) -> None:
    own = config.user_file()
    own.parent.mkdir(parents=True)
    own.write_text("\n[export]\nquality = 85\nsize = [900, 700]\n[flags]\nface = 'note'", "utf-8")
    beside = tmp_path / config.FILE_NAME
    beside.write_text("[export]\nsize = [800, 600]\n[flags]\nface = 'note'", "utf-8")
    inner = tmp_path / "a"
    inner.mkdir()
    rules = config.load().replace(channel="campus")
    force = config.in_force(rules, None, inner, ["channel"])
    assert force.policy == config.folder_policy(inner, rules)
    user, folder = Origin(From.USER, own), Origin(From.FOLDER, beside)
    assert force.files == (user, folder)
    told = {key: origin for key, origin in force.origins.items() if origin.kind is not From.DEFAULT}
    assert told == {
        "channel": Origin(From.FLAG),
        "export.quality": dataclasses.replace(user, line=3),  # also where it is the default
        "export.size": dataclasses.replace(folder, line=2),
        "flags.face": dataclasses.replace(user, line=6),  # the folder's file changed nothing
    }


def test_a_given_file_takes_the_place_of_the_users_own(tmp_path: Path) -> None:
    own = config.user_file()
    own.parent.mkdir(parents=True)
    own.write_text("channel = 'campus'", "utf-8")
    given = tmp_path / config.FILE_NAME
    given.write_text("[[places]]\nname = 'A'\n[[places]]\nname = 'B'", "utf-8")
    force = config.in_force(config.load(given), given, tmp_path)
    assert force.files == (Origin(From.CONFIG, given),)
    assert force.origins["places"] == Origin(From.CONFIG, given, 1)
    assert force.origins["channel"] == Origin(From.DEFAULT)


def test_a_folders_mistake_points_at_its_line(tmp_path: Path) -> None:
    beside = tmp_path / config.FILE_NAME
    beside.write_text("[flags]\n\nface = 'off'", "utf-8")
    with pytest.raises(
        PolicyProblem, match=r"imageprep\.toml:3: flags\.face would make the policy less strict"
    ):
        config.folder_policy(tmp_path, Policy())
    beside.write_text("[export]\nnames = 'neutral'\nquality = 10", "utf-8")
    with pytest.raises(PolicyProblem, match=r"imageprep\.toml:3: export\.quality cannot be set"):
        config.folder_policy(tmp_path, Policy())


def test_paths_in_a_file_begin_at_its_folder(tmp_path: Path) -> None:
    given = tmp_path / "office.toml"
    official = "profile = 'official'\n[owner]\nresponsible = 'the web editor'\n"
    listed = f"[official]\nlogo_sha256 = ['{'0' * 64}']\n"
    given.write_text(
        f"{official}{listed}[watermark]\nlogo = 'marks/logo.png'\nfont = 'a.ttf'", "utf-8"
    )
    rules = config.load(given).watermark
    assert (rules.logo, rules.font) == (
        str(tmp_path / "marks" / "logo.png"),
        str(tmp_path / "a.ttf"),
    )


def test_a_familys_name_is_no_path(tmp_path: Path) -> None:
    given = tmp_path / "office.toml"
    given.write_text("[watermark]\nfont = 'Noto Sans Tamil'", "utf-8")
    assert config.load(given).watermark.font == "Noto Sans Tamil"


def test_an_own_file_that_cannot_be_looked_at_is_not_passed_over(
    ordinary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = ordinary / "config"
    (locked / "imageprep").mkdir(parents=True)
    locked.chmod(0o000)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(locked))
    with pytest.raises(PolicyProblem, match="could not be read"):
        config.load()
    locked.chmod(0o700)


def test_recognising_is_off_and_changes_no_rule() -> None:
    assert not Policy().register.recognise
    asked = Policy.from_toml('[register]\nrecognise = true\nkey_file = "/k"')
    assert (asked.register.recognise, asked.register.key_file) == (True, "/k")
    assert asked.digest() == Policy().digest()
    with pytest.raises(PolicyProblem, match="true or false"):
        Policy.from_toml("[register]\nrecognise = 1")


@pytest.mark.parametrize("line", ["recognise = true", "recognise = false", 'key_file = "/k"'])
def test_a_folder_never_has_anybody_recognised(tmp_path: Path, line: str) -> None:
    (tmp_path / "imageprep.toml").write_text(f"[register]\n{line}\n")
    with pytest.raises(PolicyProblem, match="cannot be set in a photo folder"):
        config.folder_policy(tmp_path, Policy())


def test_a_key_file_is_found_from_the_configurations_folder(tmp_path: Path) -> None:
    given = tmp_path / "office.toml"
    given.write_text("[register]\nkey_file = 'keys/register.key'", "utf-8")
    assert config.load(given).register.key_file == str(tmp_path / "keys" / "register.key")


URL = "postgresql://host/office"


@pytest.fixture
def nothing_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IMAGEPREP_LEDGER")


@pytest.mark.usefixtures("nothing_named")
def test_the_ledger_is_the_first_that_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    default = config.ledger_place()
    assert isinstance(default, Path)
    own = config.user_file()
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text(f'[ledger]\nurl = "{URL}"\n')
    assert config.ledger_place() == URL
    # A policy without one leaves it to the user's own configuration, so that all commands agree.
    assert config.ledger_place(None, Policy()) == URL
    named = Policy.from_toml('[ledger]\nurl = "postgresql://other/db"')
    assert config.ledger_place(None, named) == "postgresql://other/db"
    monkeypatch.setenv("IMAGEPREP_LEDGER", str(tmp_path / "a.db"))
    assert config.ledger_place(None, named) == tmp_path / "a.db"
    assert config.ledger_place(URL, named) == URL
    assert config.ledger_place("~/b.db") == Path("~/b.db")


@pytest.mark.usefixtures("nothing_named")
@pytest.mark.parametrize(
    "address", ["POSTGRESQL://me:secret@host/db", "s3://bucket/a.db", "file:///a.db", "sqlite://a"]
)
def test_an_address_of_nothing_known_is_no_second_ledger(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken for a file, it would be one without the answers of the ledger that was meant."""
    own = config.user_file()
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text(f'[ledger]\nurl = "{address}"\n')
    for named in (None, address):
        with pytest.raises(UsageProblem) as refused:
            config.ledger_place(named, config.load())
        assert "secret" not in f"{refused.value.message} {refused.value.advice}"
    own.unlink()
    monkeypatch.setenv("IMAGEPREP_LEDGER", address)
    with pytest.raises(UsageProblem, match="No ledger can be at this address"):
        config.ledger_place()


@pytest.mark.usefixtures("nothing_named")
def test_a_ledgers_file_begins_at_its_configurations_folder(tmp_path: Path) -> None:
    (tmp_path / "office.toml").write_text('[ledger]\nurl = "kept/ledger.db"\n')
    rules = config.load(tmp_path / "office.toml")
    assert config.ledger_place(None, rules) == tmp_path / "kept" / "ledger.db"


def test_where_the_ledger_lies_is_no_part_of_the_rules_hash() -> None:
    assert Policy.from_toml(f'[ledger]\nurl = "{URL}"').digest() == Policy().digest()


def test_a_photo_folder_names_no_ledger(tmp_path: Path) -> None:
    (tmp_path / "imageprep.toml").write_text(f'[ledger]\nurl = "{URL}"\n')
    with pytest.raises(PolicyProblem, match="cannot be set in a photo folder"):
        config.folder_policy(tmp_path, Policy())


def test_what_belongs_to_a_servers_ledger_here_lies_apart(tmp_path: Path) -> None:
    kept = {config.beside_ledger(place) for place in (URL, f"{URL}2", tmp_path / "a.db")}
    assert len({path.parent for path in kept}) == 3
