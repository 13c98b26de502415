"""Declarations of operations: parameters, answer and handler. Dispatch and the reference of the API read them."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connections.api import codec
from connections.api.errors import ApiError
from connections.domain import parsing
from connections.models import Account, User
from connections.numbers import LARGEST, whole_number
from connections.services.operations import Actor
from connections.wire.codes import ErrorCode
from connections.wire.names import wire_name
from connections.wire.operations import Operation, Product

VPC, CBN = Product

# SDKs send these for an older kind of account; they are ignored.
OWNERS = frozenset({"OwnerId", "OwnerAccount", "ResourceOwnerId", "ResourceOwnerAccount"})

Shape = dict[str, Any]


def invalid(name: str, why: str) -> ApiError:
    return ApiError(ErrorCode.INVALID_PARAMETER, name=name, why=why)


@dataclass(frozen=True)
class Parameter:
    """A parameter by its name in requests. `note` is for the reference."""

    name: str
    required: bool = False
    note: str = ""
    secret: bool = False

    kind = "string"

    def value(self, parameters: Mapping[str, str]) -> Any:
        """The value in Python's type, or None if none was sent."""
        text = parameters.get(self.name)
        if text is None or (text == "" and not self.keeps_blank):
            return None
        return self.read(text, self.name)

    @property
    def keeps_blank(self) -> bool:
        """Whether an empty value means something else than no value."""
        return False

    def read(self, text: str, name: str) -> Any:
        return text

    def shown(self, text: str) -> str:
        """The value as a record of requests shows it: hidden if it is secret or not as declared."""
        if self.secret:
            return codec.HIDDEN
        try:
            return codec.shown_text(codec.scalar(self.read(text, self.name)) if text else "")
        except ApiError:
            return codec.HIDDEN

    def shown_at(self, path: str, text: str) -> tuple[str, str]:
        """A value at a path below the parameter's name, with the declared part of the path."""
        return ("", self.shown(text)) if not path else (codec.HIDDEN, codec.HIDDEN)

    @property
    def limits(self) -> str:
        """The bounds and the default for the reference."""
        return ""

    @property
    def spelled(self) -> str:
        """The names under which requests send it."""
        return self.name

    @property
    def in_list(self) -> str:
        """How the reference names it among the fields of an object."""
        return self.name


@dataclass(frozen=True)
class Text(Parameter):
    """Text without blanks around it, unless it is secret. The rules check it. Empty text clears a name."""

    @property
    def keeps_blank(self):
        return not self.required

    def read(self, text, name):
        return text if self.secret else text.strip()


@dataclass(frozen=True)
class Number(Parameter):
    least: int = 0
    most: int = LARGEST
    default: int | None = None
    kind = "integer"

    def value(self, parameters):
        number = super().value(parameters)
        return self.default if number is None else number

    def read(self, text, name):
        number = whole_number(text.strip(), least=self.least, most=self.most)
        if number is None:
            raise invalid(name, f"must be a whole number from {self.least} to {self.most}.")
        return number

    @property
    def limits(self):
        bounds = f"{self.least} to {self.most}" if self.most < LARGEST else ""
        default = f"default {self.default}" if self.default is not None else ""
        return ", ".join(filter(None, (bounds, default)))


@dataclass(frozen=True)
class Flag(Parameter):
    default: bool | None = None
    kind = "boolean"

    def value(self, parameters):
        flag = super().value(parameters)
        return self.default if flag is None else flag

    def read(self, text, name):
        flag = codec.boolean(text)
        if flag is None:
            raise invalid(name, "must be true or false.")
        return flag

    @property
    def limits(self):
        return "" if self.default is None else f"default {str(self.default).lower()}"


@dataclass(frozen=True)
class Choice(Parameter):
    """One of a few words, in any case."""

    options: tuple[str, ...] = ()
    default: str | None = None

    def value(self, parameters):
        word = super().value(parameters)
        return self.default if word is None else word

    def read(self, text, name):
        for option in self.options:
            if option.lower() == text.strip().lower():
                return option
        raise invalid(name, f"must be one of {', '.join(self.options)}.")

    @property
    def limits(self):
        words = " / ".join(self.options)
        return f"{words}; default {self.default}" if self.default else words


@dataclass(frozen=True)
class Texts(Parameter):
    """A list of texts: `ResourceId.1`, `ResourceId.2`."""

    most: int = 50
    kind = "list of string"

    def value(self, parameters):
        rows = _rows(parameters, self)
        if any(set(row) != {""} for row in rows):
            raise invalid(self.name, "is a list of texts.")
        return [row[""].strip() for row in rows] or None

    def shown(self, text):
        rows = _listed(text, self.name, self.most)
        if any(set(row) != {""} for row in rows):
            return codec.HIDDEN
        return codec.shown_json([codec.shown_text(row[""]) for row in rows])

    def shown_at(self, path, text):
        return (path, codec.shown_text(text)) if _NUMBER.fullmatch(path) else super().shown_at(path, text)

    @property
    def limits(self):
        return f"at most {self.most}"

    @property
    def spelled(self):
        return f"{self.name}.1, {self.name}.2"


@dataclass(frozen=True)
class Objects(Parameter):
    """A list of objects: `Tag.1.Key`, `Tag.1.Value`."""

    fields: tuple[Parameter, ...] = ()
    most: int = 20
    kind = "list of object"

    def value(self, parameters):
        items = []
        for number, row in enumerate(_rows(parameters, self), 1):
            if any(_named(self.fields, name) is None for name in row):
                raise invalid(f"{self.name}.{number}", f"has a field that is not known: send {self.spelled}.")
            items.append(_values(self.fields, row, f"{self.name}.{number}"))
        return items or None

    def shown(self, text):
        rows = _listed(text, self.name, self.most)
        if any("" in row for row in rows):
            return codec.HIDDEN
        return codec.shown_json([dict(self._shown_field(*item) for item in row.items()) for row in rows])

    def shown_at(self, path, text):
        number, _, rest = path.partition(".")
        if not _NUMBER.fullmatch(number) or not rest:
            return super().shown_at(path, text)
        name, value = self._shown_field(rest, text)
        return f"{number}.{name}", value

    def _shown_field(self, path: str, text: str) -> tuple[str, str]:
        part = _named(self.fields, path)
        return _shown_below(part, path, text) if part else (codec.HIDDEN, codec.HIDDEN)

    @property
    def limits(self):
        return f"at most {self.most}: {', '.join(part.in_list for part in self.fields)}"

    @property
    def spelled(self):
        return ", ".join(f"{self.name}.1.{part.name}" for part in self.fields)


@dataclass(frozen=True)
class Object(Parameter):
    """An object whose fields are parameters of their own: `TunnelIkeConfig.Psk`, `TunnelIkeConfig.IkeMode`.

    The command-line client sends the JSON text of one parameter. An object without fields arrives as nothing.
    """

    fields: tuple[Parameter, ...] = ()
    kind = "object"

    def value(self, parameters):
        sent = self._sent(parameters)
        return _values(self.fields, sent, self.name) if sent else None

    def _sent(self, parameters: Mapping[str, str]) -> dict[str, str]:
        """What was sent of the object: texts by the names below its own."""
        try:
            sent = codec.object_fields(parameters, self.name)
        except (ValueError, RecursionError):
            raise invalid(self.name, f"is no object: send {self.spelled} and so on, or a JSON object.") from None
        if any(_named(self.fields, name) is None for name in sent):
            raise invalid(self.name, f"has a field that is not known: send {self.spelled}.")
        if not all(map(parsing.is_storable, sent.values())):
            raise invalid(self.name, "contains a character that is none.")
        return sent

    def shown(self, text):
        try:
            sent = codec.object_fields({self.name: text}, self.name)
        except (ValueError, RecursionError):
            return codec.HIDDEN
        return codec.shown_json(dict(self.shown_at(*item) for item in sent.items()))

    def shown_at(self, path, text):
        if not path:
            return "", self.shown(text)
        part = _named(self.fields, path)
        return _shown_below(part, path, text) if part else (codec.HIDDEN, codec.HIDDEN)

    @property
    def limits(self):
        return f"fields {', '.join(part.in_list for part in self.fields)}"

    @property
    def in_list(self):
        return f"{self.name} ({', '.join(part.in_list for part in self.fields)})"

    @property
    def spelled(self):
        return ", ".join(f"{self.name}.{part.name}" for part in self.fields)


def _named(fields: tuple[Parameter, ...], path: str) -> Parameter | None:
    """The field with the name at the head of a path."""
    root = path.partition(".")[0]
    return next((part for part in fields if part.name == root), None)


def _values(fields: tuple[Parameter, ...], sent: Mapping[str, str], name: str) -> dict[str, Any]:
    """The values of an object's fields. Refuse the first that is missing or has the wrong type, by its full name."""
    values = {}
    for part in fields:
        try:
            values[part.name] = part.value(sent)
        except ApiError as error:
            facts = error.facts | {"name": f"{name}.{error.facts['name']}"}
            raise ApiError(error.code, retry_after=None, **facts) from None
        if part.required and values[part.name] in (None, [], ""):
            raise ApiError(ErrorCode.MISSING, name=f"{name}.{part.name}")
    return values


_NUMBER = re.compile(r"[0-9]{1,6}", re.ASCII)


def _shown_below(parameter: Parameter, path: str, text: str) -> tuple[str, str]:
    """A full name and a value as a record shows them. The name begins with the parameter's."""
    below, value = parameter.shown_at(path.partition(".")[2], text)
    return f"{parameter.name}.{below}" if below else parameter.name, value


def _listed(text: str, name: str, most: int) -> list[dict[str, str]]:
    """The items of a list in JSON text; for other text, one item that no declaration has."""
    try:
        return codec.rows({name: text}, name, most)
    except (ValueError, RecursionError):
        return [{"": "", "no list": ""}]


def _rows(parameters, parameter) -> list[dict[str, str]]:
    try:
        rows = codec.rows(parameters, parameter.name, parameter.most)
    except (ValueError, RecursionError):
        raise invalid(parameter.name, f"is no list: send {parameter.spelled} and so on, or a JSON list.") from None
    if len(rows) > parameter.most:
        raise invalid(parameter.name, f"takes at most {parameter.most} entries.")
    if not all(parsing.is_storable(value) for row in rows for value in row.values()):
        raise invalid(parameter.name, "contains a character that is none.")
    return rows


@dataclass(frozen=True)
class JsonObject(Parameter):
    """An object as the JSON text of one parameter, with the field of a model for each key. The case of keys is ignored.

    The values of `hidden` keys are secret; `ignored` are further keys, which clients send because answers have them.
    """

    keys: Mapping[str, str] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()
    kind = "JSON object"

    def value(self, parameters):
        if any(name.startswith(f"{self.name}.") for name in parameters):
            raise invalid(self.name, "is sent as one parameter of JSON text.")
        return super().value(parameters)

    def read(self, text, name):
        try:
            entries = codec.json_object(text)
        except ValueError:
            raise invalid(name, "is not a flat JSON object that has each key once.") from None
        known = {key.lower(): model_field for key, model_field in self.keys.items()}
        if entries.keys() - known - {key.lower() for key in self.ignored}:
            raise invalid(name, f"has a key that is not known. Known are {', '.join(self.keys)}.")
        hidden = {key.lower() for key in self.hidden}
        return {known[key]: value if key in hidden else value.strip() for key, value in entries.items() if key in known}

    def shown(self, text):
        declared = {key.casefold(): key for key in (*self.keys, *self.ignored)}
        try:
            entries = codec.json_entries(text) if text else []
        except ValueError:
            return codec.HIDDEN
        values: dict[str, str] = {}
        for name, value in entries:
            key = declared.get(name.strip().casefold(), codec.HIDDEN)
            harmless = key in self.keys and key not in self.hidden and key not in values
            values[key] = codec.shown_text(value) if harmless else codec.HIDDEN
        return codec.shown_json(values)

    @property
    def limits(self):
        return f"keys {', '.join(self.keys)}"


@dataclass(frozen=True)
class Ignored(Parameter):
    """A parameter that is accepted and ignored."""

    def value(self, parameters):
        return None

    def shown(self, text):
        return codec.HIDDEN


@dataclass(frozen=True)
class Action:
    """An operation of one product."""

    name: Operation
    version: Product
    handler: Callable[["Call"], dict]
    parameters: tuple[Parameter, ...]
    answer: Shape
    writes: bool
    dry_run: bool
    limit: int
    note: str
    # Makes the answer to a repetition, for operations whose answer contains a key: such an answer is not stored.
    redraw: Callable[["Call"], dict] | None = None

    @property
    def is_cbn(self) -> bool:
        return self.version == CBN

    def values(self, parameters: Mapping[str, str]) -> dict[str, Any]:
        """The parameters in Python's types. Refuse the first that is missing or has the wrong type."""
        if not self.writes:
            self._refuse_unknown_filters(parameters)
        values = {}
        for parameter in self.parameters:
            values[parameter.name] = parameter.value(parameters)
            if parameter.required and values[parameter.name] in (None, [], ""):
                raise ApiError(ErrorCode.MISSING, name=parameter.name)
        return values

    def _refuse_unknown_filters(self, parameters: Mapping[str, str]) -> None:
        """Refuse misspelt parameters and filters by tag that are not declared: without them the answer is too long."""
        names = {_alike(parameter.name): parameter for parameter in (*_COMMON, *self.parameters)}
        declared = {parameter.name for parameter in names.values()}
        for root in dict.fromkeys(name.partition(".")[0] for name in parameters):
            if root in declared:
                continue
            if meant := names.get(_alike(root)):
                raise invalid(root, f"is not known: send {meant.spelled}.")
            if _alike(root) in _FILTERS:
                raise invalid(root, "is no filter of this operation.")


_FILTERS = ("tag", "filter", "tagfilter", "tagkey", "tagvalue")


def _alike(name: str) -> str:
    """A name without what clients most often get wrong."""
    return name.lower().removesuffix("s")


# The parameters that every operation accepts.
_COMMON = (Text("ClientToken"), Flag("DryRun"), *map(Ignored, sorted(OWNERS)))
_SHOWN = 100


def shown(parameters: Mapping[str, str], action: Action | None) -> dict[str, str]:
    """The parameters of a request as a record shows them, by the declarations of its operation.

    Names and values that are not declared are hidden: either may be a misspelt secret.
    """
    declared = {parameter.name: parameter for parameter in (*_COMMON, *(action.parameters if action else ()))}
    record: dict[str, str] = {}
    for path, text in parameters.items():
        parameter = declared.get(path.partition(".")[0])
        name, value = _shown_below(parameter, path, text) if parameter else (codec.HIDDEN, codec.HIDDEN)
        record[name] = value
        if len(record) == _SHOWN:
            break
    return record


@dataclass
class Call:
    """An operation to run: who asks for it, with which parameters."""

    action: Action
    user: User
    actor: Actor
    parameters: Mapping[str, str]
    host: str
    values: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str):
        return self.values[name]

    @property
    def account(self) -> Account:
        return self.actor.account

    @property
    def region_id(self) -> str:
        return self.values["RegionId"]


ACTIONS: dict[tuple[str, str], Action] = {}

REGION = Text("RegionId", required=True)
OPTIONAL_REGION = Text("RegionId")


def action(
    version: Product,
    *parameters: Parameter,
    answer: Shape | None = None,
    writes: bool = False,
    dry_run: bool = False,
    limit: int = 0,
    region: Parameter | None = REGION,
    note: str = "",
    name: Operation | None = None,
    redraw: Callable[[Call], dict] | None = None,
):
    """Declare the function below as an operation, named like the function unless a name is given.

    `limit` is the number of requests a minute for an account in a region. `redraw` makes the answer again from what is
    stored now; an operation that writes and answers with a key needs it.
    """

    def declare(handler):
        operation = name or Operation(wire_name(handler.__name__))
        ACTIONS[version, operation] = Action(
            name=operation,
            version=version,
            handler=handler,
            parameters=(*((region,) if region else ()), *parameters),
            answer=answer or {},
            writes=writes,
            dry_run=dry_run,
            limit=limit or (120 if writes else 600),
            note=note,
            redraw=redraw,
        )
        return handler

    return declare


# --- lists -------------------------------------------------------------------------------------------------------

PAGING = (Number("PageNumber", least=1, most=10**6, default=1), Number("PageSize", least=1, most=50, default=10))
PAGED: Shape = {"PageNumber": int, "PageSize": int, "TotalCount": int}


def page(call: Call, rows) -> tuple[list, dict]:
    """A page by number of a queryset or a list, and the totals for the answer."""
    number, size = call["PageNumber"], call["PageSize"]
    total = rows.count() if not isinstance(rows, Sequence) else len(rows)
    items = list(rows[(number - 1) * size : number * size])
    return items, {"PageNumber": number, "PageSize": size, "TotalCount": total}


def tokens(most: int = 100, default: int = 20) -> tuple[Parameter, ...]:
    return Number("MaxResults", least=1, most=most, default=default), Text("NextToken")


TOKENED: Shape = {"NextToken": str, "MaxResults": int, "TotalCount": int}


def token_page(call: Call, rows, key: str = "pk") -> tuple[list, dict]:
    """A page by token, newest first. The token is the key of the last row of the page before."""
    size, token = call["MaxResults"], call["NextToken"]
    total = rows.count()
    if token:
        after = whole_number(token)
        if after is None:
            raise ApiError(ErrorCode.NEXT_TOKEN)
        rows = rows.filter(**{f"{key}__lt": after})
    items = list(rows.order_by(f"-{key}")[: size + 1])
    more = {"NextToken": str(getattr(items[size - 1], key))} if len(items) > size else {}
    return items[:size], {"MaxResults": size, "TotalCount": total, **more}


# --- tags --------------------------------------------------------------------------------------------------------

TAG = (Text("Key"), Text("Value"))
TAG_SHAPE = {"Key": str, "Value": str}


def tag_pairs(rows: Sequence[Mapping[str, str | None]] | None) -> list[tuple[str, str]]:
    return [(row["Key"] or "", row["Value"] or "") for row in rows or ()]


def tag_filters(rows: Sequence[Mapping[str, str | None]] | None) -> list[tuple[str, str]]:
    """The tags by which a list is filtered. Refuse one without a key, which no row carries."""
    pairs = tag_pairs(rows)
    if any(not key for key, _ in pairs):
        raise invalid("Tag", "needs a key: send Tag.1.Key.")
    return pairs


def tagged(queryset, rows: Sequence[Mapping[str, str | None]] | None):
    """Keep the rows that carry every one of these tags; a tag without a value matches any value."""
    for key, value in tag_filters(rows):
        queryset = queryset.tagged(key, value)
    return queryset
