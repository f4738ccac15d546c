using System.Buffers;

namespace Lateen.Validation.Grammar;

/// <summary>Paths of AuthorizationPolicies, with <c>{*}</c> for a segment and <c>{**}</c> for several (H-46).</summary>
internal static class PathTemplate
{
    private static readonly SearchValues<char> Literals =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%!$&'()+,;:@=");

    public static string? Problem(string path)
    {
        bool template = path.Contains("{*}", StringComparison.Ordinal) || path.Contains("{**}", StringComparison.Ordinal);
        bool rest = false;
        foreach (string segment in path.Trim('/').Split('/'))
        {
            if (segment is "{*}" or "{**}")
            {
                if (rest) return $"\"{path}\": nothing variable may follow {{**}}";
                rest = segment == "{**}";
            }
            else if (segment.AsSpan().ContainsAny('{', '}'))
            {
                return $"\"{path}\": \"{segment}\" is not allowed; a variable segment is {{*}} or {{**}}";
            }
            else if (template && (segment.Length == 0 || segment.AsSpan().ContainsAnyExcept(Literals)))
            {
                return $"\"{path}\": \"{segment}\" is no literal segment of a template";
            }
        }
        return null;
    }
}
