"""Model fields with their own notation or encryption, validated by the rules instead of Django's validators.

Django's validators would report "at most 100 characters" again, in other words and with another code.
"""

from django import forms
from django.core.exceptions import FieldError, ValidationError
from django.db import models
from django.db.models.lookups import Exact
from django.db.models.query_utils import DeferredAttribute
from django.utils.translation import gettext_lazy as _

from connections.domain import limits, parsing
from connections.numbers import LARGEST, whole_number
from connections.persistence.encryption import Sealed, seal


class RuledCharField(models.CharField):
    """Text without blanks around it. The rules check its length; forms do not cut off what is typed."""

    def to_python(self, value):
        value = super().to_python(value)
        return value.strip() if isinstance(value, str) else value

    def run_validators(self, value):
        """Do nothing: the model's `clean()` applies the rules."""

    def formfield(self, **kwargs):
        if self.choices:
            return super().formfield(**kwargs)
        return models.Field.formfield(self, **{"form_class": forms.CharField, **kwargs})


class WholeNumberFormField(forms.IntegerField):
    """A whole number in ASCII digits. Django's field also accepts "1_000" and digits of other scripts."""

    def to_python(self, value):
        if value in self.empty_values:
            return None
        number = whole_number(str(value).strip(), least=-LARGEST)
        if number is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return number


class RuledIntegerField(models.PositiveIntegerField):
    """A whole number. The rules check its bounds."""

    validators = []

    def formfield(self, **kwargs):
        widget = forms.TextInput(attrs={"inputmode": "numeric"})
        return models.Field.formfield(self, **{"form_class": WholeNumberFormField, "widget": widget, **kwargs})


class AsnFormField(forms.CharField):
    """Accepts 8061384 and 123.456; displays what is stored, or what was typed."""

    def to_python(self, value):
        text = super().to_python(value)
        if text in self.empty_values:
            return None
        asn = parsing.parse_asn(text)
        if asn is None:
            raise ValidationError(
                _("Enter a number such as 64512, or two segments such as 123.456, each from 0 to 65535."),
                code="malformed",
            )
        return asn


class AsnField(models.BigIntegerField):
    """An AS number of up to 32 bits."""

    validators = []

    def formfield(self, **kwargs):
        return models.Field.formfield(self, **{"form_class": AsnFormField, **kwargs})


class CidrListFormField(forms.Field):
    """Several CIDR blocks, one input each or with commas. Empty inputs are ignored. The rules check the blocks."""

    def __init__(self, *, most=limits.MAX_NETWORKS, **kwargs):
        super().__init__(**kwargs)
        self.most = most

    def to_python(self, value):
        return parsing.items_of(map(str, value or []), self.most)

    def has_changed(self, initial, data):
        return self.to_python(initial) != self.to_python(data)


class PreferencesFormField(CidrListFormField):
    """Several of a set of choices, one select each; the first is preferred. The rules check them."""

    def __init__(self, *, options, **kwargs):
        super().__init__(most=len(options), **kwargs)
        self.options = options


class TextListField(RuledCharField):
    """Texts in the order in which they were entered; a list in Python, comma-separated in the database."""

    def __init__(self, *args, most=limits.MAX_NETWORKS, options=None, **kwargs):
        """`options`: the choices of each text; forms offer them, the rules check them."""
        super().__init__(*args, **{"max_length": 200, **kwargs})
        self.most, self.options = most, options

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | ({} if self.most == limits.MAX_NETWORKS else {"most": self.most})

    def from_db_value(self, value, expression, connection):
        return value.split(",") if value else []

    def to_python(self, value):
        return parsing.items_of([value] if isinstance(value, str) else value or [], self.most)

    def get_prep_value(self, value):
        return ",".join(value) if isinstance(value, (list, tuple)) else value

    def value_to_string(self, obj):
        return self.get_prep_value(self.value_from_object(obj))

    def formfield(self, **kwargs):
        if self.options:
            kwargs = {"form_class": PreferencesFormField, "options": self.options, **kwargs}
        else:
            kwargs = {"form_class": CidrListFormField, "most": self.most, **kwargs}
        return super().formfield(**kwargs)


class CidrListField(TextListField):
    """CIDR blocks."""


class SecretField(RuledCharField):
    """A key, shown only to people who may edit its resource. Blanks around it are kept."""

    def to_python(self, value):
        return models.CharField.to_python(self, value)

    def formfield(self, **kwargs):
        widget = forms.PasswordInput(
            render_value=True, attrs={"autocomplete": "new-password", "spellcheck": "false", "autocapitalize": "off"}
        )
        return super().formfield(**{"strip": False, "widget": widget, **kwargs})


class OpenedWhenRead(DeferredAttribute):
    """The attribute of an encrypted field: the row holds the token, reading the attribute decrypts it."""

    def __get__(self, instance, cls=None):
        value = super().__get__(instance, cls)
        return value.open() if isinstance(value, Sealed) else value

    def __set__(self, instance, value):
        instance.__dict__[self.field.attname] = value


class IsBlank(Exact):
    """The only lookup of an encrypted field: whether it is blank."""

    def get_prep_lookup(self):
        if self.rhs != "":
            raise FieldError("The same secret is sealed differently each time: it cannot be looked up.")
        return ""


class EncryptedField(SecretField):
    """A secret that is sealed in the database. Blank stays blank, so that queries can find rows without a secret.

    The rules check the length of the secret; the column holds a token of any length.
    """

    descriptor_class = OpenedWhenRead

    def get_internal_type(self):
        return "TextField"

    def from_db_value(self, value, expression, connection):
        return Sealed(value) if value else value

    def get_prep_value(self, value):
        if isinstance(value, Sealed):
            return value.token
        return seal(value) if value else value

    def pre_save(self, model_instance, add):
        # As the row holds it, so that an unchanged secret keeps its token.
        return model_instance.__dict__.get(self.attname, "")

    def get_lookup(self, lookup_name):
        if lookup_name == "exact":
            return IsBlank
        raise FieldError(f"{self.name} is sealed: a query can ask whether it is blank, nothing else.")

    def value_to_string(self, obj):
        raise TypeError(f"{self.name} is not written out by dumpdata; use the command `backup`.")
