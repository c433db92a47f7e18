"""How lowering says no: a plan that no program expresses."""

INT32_MAX = 2**31 - 1


class NotExpressibleError(Exception):
    """A plan asks for something that programs do not do, or cannot count in 32 bits.

    Args:
      claim: the claim about the plan that therefore cannot hold.
      subject: stage, operator, tensor or field.
      text: what was found, and the rule.
    """

    def __init__(self, claim: str, subject: str, text: str):
        super().__init__(f"{subject}: {text}")
        self.claim, self.subject, self.text = claim, subject, text


def require(holds: bool, claim: str, subject: str, text: str) -> None:
    if not holds:
        raise NotExpressibleError(claim, subject, text)


def require_int32(subject: str, **numbers: int) -> None:
    """The C counts in int32.

    Raises:
      NotExpressibleError: a number does not fit.
    """
    for name, value in numbers.items():
        require(
            abs(value) <= INT32_MAX, "C5", subject, f"{name.replace('_', ' ')} is {value}; programs count in 32 bits"
        )
