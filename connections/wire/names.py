"""The API's name of a field, by rule."""


def wire_name(field: str) -> str:
    """Capitalize each word of a field's name: IkePfs for ike_pfs."""
    return "".join(word.capitalize() for word in field.split("_"))
