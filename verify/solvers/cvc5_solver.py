"""cvc5. The only file that imports it. Proofs are written on request, in the Alethe format."""

# The package binds names that type checkers do not see.
# pyright: reportAttributeAccessIssue=false
import cvc5

from verify.solvers.answer import Answer, SolverError


def open_solver() -> "Cvc5":
    return Cvc5()


class Cvc5:
    """A fresh solver for every question: cvc5 sets most options once, before the first command."""

    name = "cvc5"

    def __init__(self) -> None:
        self.version = _text(cvc5.Solver(cvc5.TermManager()).getVersion())

    def solve(self, text: str, timeout_ms: int) -> Answer:
        return _Question(text, timeout_ms, {"produce-models": "true"}).answer()

    def proof(self, text: str, timeout_ms: int) -> str | None:
        """An Alethe proof of unsatisfiability, or None where cvc5 finds none that the format can state.

        Raises:
          SolverError: the text is not understood.
        """
        question = _Question(text, timeout_ms, {"produce-proofs": "true", "proof-format-mode": "alethe"})
        if question.answer().result != "unsat":
            return None
        try:
            parts = question.solver.getProof()
            proof = "".join(_text(question.solver.proofToString(part, cvc5.ProofFormat.ALETHE)) for part in parts)
        except RuntimeError:
            return None
        return None if proof.lstrip().startswith("(error") else proof


class _Question:
    """One text, run to its end."""

    def __init__(self, text: str, timeout_ms: int, options: dict[str, str]):
        self.solver = cvc5.Solver(cvc5.TermManager())
        for option, value in {"tlimit-per": str(timeout_ms), **options}.items():
            self.solver.setOption(option, value)
        parser = cvc5.InputParser(self.solver)
        parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "obligation")
        self.symbols = parser.getSymbolManager()
        self.lines: list[str] = []
        try:
            while not (command := parser.nextCommand()).isNull():
                self.lines += _text(command.invoke(self.solver, self.symbols)).split("\n")
        except RuntimeError as error:
            raise SolverError(f"cvc5: {error}") from None

    def answer(self) -> Answer:
        said = [line.strip() for line in self.lines if line.strip()]
        if said == ["unsat"]:
            return Answer("unsat")
        if said == ["sat"]:
            try:
                return Answer("sat", values=self._values())
            except RuntimeError as error:
                raise SolverError(f"cvc5: {error}") from None
        if len(said) == 1 and said[0].startswith("unknown"):
            return Answer("unknown", said[0].removeprefix("unknown").strip(" ()").lower())
        raise SolverError(f"cvc5: expected one answer, got {said[:3]}")

    def _values(self) -> dict[str, int]:
        terms = [term for term in self.symbols.getDeclaredTerms() if term.getSort().isInteger()]
        return {_text(term.getSymbol()): int(self.solver.getValue(term).getIntegerValue()) for term in terms}


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
