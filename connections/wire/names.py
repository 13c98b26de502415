"""The wire's name of a field, by rule."""


def wire_name(field: str) -> str:
    """Each word of the field's name begins with a capital letter: IkePfs for ike_pfs."""
    return "".join(word.capitalize() for word in field.split("_"))
