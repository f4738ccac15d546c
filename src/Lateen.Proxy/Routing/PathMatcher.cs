using System.Text;
using Envoy.Config.Route.V3;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Matching;

namespace Lateen.Proxy.Routing;

/// <summary>The path condition of a route: exact, prefix, path-separated prefix, expression, or CONNECT.</summary>
internal sealed class PathMatcher
{
    private readonly RouteMatch.PathSpecifierOneofCase _kind;
    private readonly bool _caseSensitive;
    private readonly byte[] _operand;
    private readonly CompiledRegex? _regex;

    private PathMatcher(RouteMatch match, string operand, CompiledRegex? regex)
    {
        (_kind, _caseSensitive, _regex) = (match.PathSpecifierCase, match.CaseSensitive ?? true, regex);
        _operand = Encoding.UTF8.GetBytes(operand);
    }

    /// <summary>The path to look up when this matches one path exactly; null otherwise.</summary>
    public byte[]? IndexedPath => _kind == RouteMatch.PathSpecifierOneofCase.Path && _caseSensitive ? _operand : null;

    /// <summary>The prefix to look up when every path that matches begins with it; null otherwise.</summary>
    public byte[]? IndexedPrefix =>
        _kind is RouteMatch.PathSpecifierOneofCase.Prefix or RouteMatch.PathSpecifierOneofCase.PathSeparatedPrefix && _caseSensitive
            ? _operand : null;

    public static PathMatcher Compile(RouteMatch match)
    {
        switch (match.PathSpecifierCase)
        {
            case RouteMatch.PathSpecifierOneofCase.Prefix:
                return new(match, match.Prefix, null);
            case RouteMatch.PathSpecifierOneofCase.Path:
                return new(match, match.Path, null);
            case RouteMatch.PathSpecifierOneofCase.PathSeparatedPrefix:
                var prefix = match.PathSeparatedPrefix;
                return prefix.Length > 0 && prefix[^1] != '/' && !prefix.AsSpan().ContainsAny('?', '#')
                    ? new(match, prefix, null)
                    : throw new ConfigurationException("path_separated_prefix", $"expected no ?, # or trailing /, got '{prefix}'");
            case RouteMatch.PathSpecifierOneofCase.SafeRegex:
                return new(match, "", CompiledRegex.Compile(match.SafeRegex, "safe_regex"));
            case RouteMatch.PathSpecifierOneofCase.ConnectMatcher:
                return new(match, "", null);
            case RouteMatch.PathSpecifierOneofCase.PathMatchPolicy:
                throw new ConfigurationException("path_match_policy", "path templates are not supported");
            default:
                throw new ConfigurationException("", "expected one of prefix, path, path_separated_prefix, safe_regex, connect_matcher");
        }
    }

    public bool Matches(in MatchContext context)
    {
        var path = context.Path;
        if (_kind == RouteMatch.PathSpecifierOneofCase.ConnectMatcher)
            return context.Head.Method.SequenceEqual("CONNECT"u8) || context.Head.Method.SequenceEqual("CONNECT-UDP"u8);
        if (path.IsEmpty || path.Length < _operand.Length)
            return false;
        return _kind switch
        {
            RouteMatch.PathSpecifierOneofCase.SafeRegex => _regex!.IsFullMatch(path),
            RouteMatch.PathSpecifierOneofCase.Path => path.Length == _operand.Length && StartsWithOperand(path),
            RouteMatch.PathSpecifierOneofCase.Prefix => StartsWithOperand(path),
            _ => StartsWithOperand(path) && (path.Length == _operand.Length || path[_operand.Length] == '/'),
        };
    }

    /// <summary>How much of a path that matches a prefix rewrite replaces (Envoy: the matched prefix, else the whole path).</summary>
    public int MatchedLength(int pathLength) =>
        _kind is RouteMatch.PathSpecifierOneofCase.Prefix or RouteMatch.PathSpecifierOneofCase.PathSeparatedPrefix
            ? Math.Min(_operand.Length, pathLength) : pathLength;

    public override string ToString() => _kind switch
    {
        RouteMatch.PathSpecifierOneofCase.ConnectMatcher => "CONNECT",
        RouteMatch.PathSpecifierOneofCase.SafeRegex => $"path regex \"{_regex!.Pattern}\"",
        RouteMatch.PathSpecifierOneofCase.Path => $"path \"{Encoding.UTF8.GetString(_operand)}\"",
        RouteMatch.PathSpecifierOneofCase.Prefix => $"path prefix \"{Encoding.UTF8.GetString(_operand)}\"",
        _ => $"path-separated prefix \"{Encoding.UTF8.GetString(_operand)}\"",
    };

    private bool StartsWithOperand(ReadOnlySpan<byte> path) =>
        _caseSensitive ? path.StartsWith(_operand) : Ascii.EqualsIgnoreCase(path[.._operand.Length], _operand);
}
