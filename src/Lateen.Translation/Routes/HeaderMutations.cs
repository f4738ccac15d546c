using Envoy.Config.Core.V3;
using Google.Protobuf.Collections;
using Lateen.Resources.Networking;
using AppendAction = Envoy.Config.Core.V3.HeaderValueOption.Types.HeaderAppendAction;

namespace Lateen.Translation.Routes;

/// <summary>
/// Header operations of a VirtualService. Pseudo headers and Host cannot be changed by header operations in Envoy;
/// setting the authority becomes a rewrite of the host.
/// </summary>
internal static class HeaderMutations
{
    public static void Apply(
        Headers? headers,
        RepeatedField<HeaderValueOption> requestAdd, RepeatedField<string> requestRemove,
        RepeatedField<HeaderValueOption> responseAdd, RepeatedField<string> responseRemove)
    {
        if (headers is null) return;
        requestAdd.Add(Options(headers.Request));
        requestRemove.Add(Removed(headers.Request));
        responseAdd.Add(Options(headers.Response));
        responseRemove.Add(Removed(headers.Response));
    }

    /// <summary>The host that request operations set, if any.</summary>
    public static string? Authority(Headers? headers) => headers?.Request is { } request
        ? Authority(request.Set) ?? Authority(request.Add)
        : null;

    private static string? Authority(IEnumerable<KeyValuePair<string, string>> headers)
    {
        foreach (var (name, value) in headers)
            if (IsHost(name)) return value;
        return null;
    }

    private static IEnumerable<HeaderValueOption> Options(HeaderOperations? operations) => operations is null
        ? []
        : operations.Set.Where(Allowed).Select(header => Option(header, AppendAction.OverwriteIfExistsOrAdd))
            .Concat(operations.Add.Where(Allowed).Select(header => Option(header, AppendAction.AppendIfExistsOrAdd)));

    private static HeaderValueOption Option(KeyValuePair<string, string> header, AppendAction action) =>
        new() { Header = new HeaderValue { Key = header.Key, Value = header.Value }, AppendAction = action };

    private static IEnumerable<string> Removed(HeaderOperations? operations) =>
        operations is null ? [] : operations.Remove.Where(name => !IsInternal(name));

    private static bool Allowed(KeyValuePair<string, string> header) => !IsInternal(header.Key);

    private static bool IsInternal(string name) => name.StartsWith(':') || name.Equals("host", StringComparison.OrdinalIgnoreCase);

    private static bool IsHost(string name) => name == ":authority" || name.Equals("host", StringComparison.OrdinalIgnoreCase);
}
