namespace Lateen.Validation.Grammar;

/// <summary>Whether a text is a CEL expression: its syntax, not its types (TE-20).</summary>
internal static class CelSyntax
{
    private const int MaxDepth = 250;

    /// <summary>What is wrong with an expression, or null.</summary>
    public static string? Problem(string text)
    {
        try
        {
            new Parser([.. new CelTokens(text).Read()]).All();
            return null;
        }
        catch (FormatException exception)
        {
            return $"is no CEL expression: {exception.Message}";
        }
    }

    private sealed class Parser(CelToken[] tokens)
    {
        private static readonly string[][] Levels = [["||"], ["&&"], ["<", "<=", ">", ">=", "==", "!=", "in"], ["+", "-"], ["*", "/", "%"]];

        private int _at;
        private int _depth;

        private CelToken Current => tokens[_at];

        public void All()
        {
            Expression();
            if (Current.Kind != CelTokenKind.End) throw Unexpected();
        }

        private void Expression()
        {
            if (++_depth > MaxDepth) throw new FormatException("nested too deeply");
            Binary(0);
            if (Take("?"))
            {
                Binary(0);
                Need(":");
                Expression();
            }
            _depth--;
        }

        private void Binary(int level)
        {
            if (level == Levels.Length)
            {
                Unary();
                return;
            }
            do Binary(level + 1);
            while (Levels[level].Any(Take));
        }

        private void Unary()
        {
            if (Take("!"))
            {
                while (Take("!")) { }
            }
            else if (Take("-"))
            {
                while (Take("-")) { }
            }
            Member();
        }

        private void Member()
        {
            Primary();
            while (true)
            {
                if (Take("."))
                {
                    Take("?");
                    Name();
                    if (Take("(")) List(")", Expression);
                }
                else if (Take("["))
                {
                    Take("?");
                    Expression();
                    Need("]");
                }
                else if (Take("{"))
                {
                    List("}", Field);
                }
                else return;
            }
        }

        private void Primary()
        {
            if (Take("("))
            {
                Expression();
                Need(")");
            }
            else if (Take("[")) List("]", Expression);
            else if (Take("{")) List("}", Entry);
            else if (Current.Kind == CelTokenKind.Literal) _at++;
            else
            {
                Take(".");
                Name();
                if (Take("(")) List(")", Expression);
            }
        }

        private void Entry()
        {
            Expression();
            Need(":");
            Expression();
        }

        private void Field()
        {
            Name();
            Need(":");
            Expression();
        }

        private void List(string end, Action item)
        {
            while (!Take(end))
            {
                item();
                if (Take(",")) continue;
                Need(end);
                return;
            }
        }

        private void Name()
        {
            if (Current.Kind != CelTokenKind.Name) throw Unexpected();
            _at++;
        }

        private bool Take(string symbol)
        {
            bool found = Current.Kind == CelTokenKind.Symbol && Current.Text == symbol;
            if (found) _at++;
            return found;
        }

        private void Need(string symbol)
        {
            if (!Take(symbol)) throw Unexpected();
        }

        private FormatException Unexpected() =>
            new(Current.Kind == CelTokenKind.End ? "unexpected end" : $"unexpected {Current.Text} at {Current.Place + 1}");
    }
}
