namespace Lateen.Validation.Grammar;

/// <summary>Values of headers that are set: no control characters, and <c>%VARIABLE(arguments)%</c> well formed (H-37, H-38).</summary>
internal static class HeaderValue
{
    private enum State
    {
        Literal,
        Variable,
        MaybeArray,
        ExpectString,
        Text,
        DelimiterOrEnd,
        ArgumentsEnd,
        VariableEnd,
    }

    public static string? Problem(string value)
    {
        if (value.AsSpan().ContainsAnyInRange('\0', '\x08') || value.AsSpan().ContainsAnyInRange('\n', '\x1F') || value.Contains('\x7F', StringComparison.Ordinal))
            return "a header value must not have control characters";
        return VariablesProblem(value);
    }

    private static string? VariablesProblem(string value)
    {
        State state = State.Literal;
        for (int i = 0; i < value.Length; i++)
        {
            char c = value[i];
            if (state == State.Literal && c == '%')
            {
                if (i + 1 == value.Length) return "a lone % must be written %%";
                if (value[i + 1] == '%') i++;
                else state = State.Variable;
                continue;
            }
            if (state == State.Text && c == '\\')
            {
                if (++i == value.Length) return "ends in an escape";
                continue;
            }
            if (Next(state, c) is not { } next) return $"unexpected '{c}' at {i + 1}: a variable is %NAME% or %NAME(arguments)%, a plain % is %%";
            state = next;
        }
        return state == State.Literal ? null : "a variable is not ended; a plain % must be written %%";
    }

    // Spaces between parts of a variable do not count; null is an error.
    private static State? Next(State state, char c) => (state, c) switch
    {
        (State.Literal, _) => State.Literal,
        (State.Variable, '%') => State.Literal,
        (State.Variable, '(') => State.MaybeArray,
        (State.Variable, _) => State.Variable,
        (State.MaybeArray, '[') => State.ExpectString,
        (State.MaybeArray, not ' ') => State.Text,
        (State.Text, ')') => State.VariableEnd,
        (State.Text, '"') => State.DelimiterOrEnd,
        (State.Text, _) => State.Text,
        (State.ExpectString, '"') => State.Text,
        (State.DelimiterOrEnd, ',') => State.ExpectString,
        (State.DelimiterOrEnd, ']') => State.ArgumentsEnd,
        (State.ArgumentsEnd, ')') => State.VariableEnd,
        (State.VariableEnd, '%') => State.Literal,
        (_, ' ') => state,
        _ => null,
    };
}
