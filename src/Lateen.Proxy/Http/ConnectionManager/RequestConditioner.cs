using System.Buffers;
using System.Net;
using System.Text;

namespace Lateen.Proxy.Http.ConnectionManager;

/// <summary>
/// Makes a received request fit to be looked at: refuses what is malformed, normalises path and host, and sets or removes the headers
/// that only proxies may speak with (Envoy: connection manager, header sanitising). The order is Envoy's.
/// </summary>
internal sealed class RequestConditioner(ConnectionManagerOptions options)
{
    private static readonly LocalReply MissingHost = new(400, "", "missing_host_header");
    private static readonly LocalReply InvalidAuthority = new(400, "", "http.invalid_authority");
    private static readonly LocalReply MissingPath = new(404, "", "missing_path_rejected");
    private static readonly LocalReply AbsolutePath = new(404, "", "absolute_path_rejected");
    private static readonly LocalReply BadPath = new(400, "", "path_normalization_failed");

    private static readonly SearchValues<byte> AuthorityBytes =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@[]%"u8);

    // Removed from requests that come from outside.
    private static readonly bool[] InternalOnly = Mask(
    [
        HeaderNames.EnvoyRetriableStatusCodes, HeaderNames.EnvoyRetriableHeaderNames, HeaderNames.EnvoyRetryOn,
        HeaderNames.EnvoyRetryGrpcOn, HeaderNames.EnvoyMaxRetries, HeaderNames.EnvoyUpstreamAltStatName,
        HeaderNames.EnvoyUpstreamRequestTimeout, HeaderNames.EnvoyUpstreamRequestPerTryTimeout,
        HeaderNames.EnvoyUpstreamRequestTimeoutAlt, HeaderNames.EnvoyExpectedRequestTimeout, HeaderNames.EnvoyForceTrace,
        HeaderNames.EnvoyIpTags, HeaderNames.EnvoyHedgeOnPerTryTimeout, HeaderNames.EnvoyOriginalUrl,
    ]);

    // Also removed at the edge.
    private static readonly bool[] EdgeOnly = Mask(
    [
        HeaderNames.EnvoyDecoratorOperation, HeaderNames.EnvoyDownstreamServiceCluster, HeaderNames.EnvoyDownstreamServiceNode,
        HeaderNames.EnvoyOriginalPath, HeaderNames.EnvoyOriginalHost,
    ]);

    private readonly PathNormalizer _path = new(options);

    /// <summary>Conditions the exchange's request; the reply when it is refused or redirected, else null.</summary>
    public LocalReply? Apply(HttpExchange exchange, ClientFacts client)
    {
        var headers = exchange.Request.Headers;
        return CheckHost(exchange.Request) ?? NormalizePath(exchange.Request) ?? Mutate(exchange, headers, client);
    }

    private static LocalReply? CheckHost(RequestHead request)
    {
        var headers = request.Headers;
        if (!headers.TryGet(HeaderNames.Authority, out var authority) || authority.IsEmpty)
        {
            return MissingHost;
        }

        return authority.IndexOfAnyExcept(AuthorityBytes) >= 0 ? InvalidAuthority : null;
    }

    private LocalReply? NormalizePath(RequestHead request)
    {
        if (request.Method.SequenceEqual("CONNECT"u8) && !request.Headers.Contains(HeaderNames.Protocol))
        {
            return null;
        }

        var path = request.Path;
        if (path.IsEmpty)
        {
            return MissingPath;
        }

        if (path[0] != '/')
        {
            return AbsolutePath;
        }

        switch (_path.Normalize(path, out var changed))
        {
            case PathResult.Refused:
                return BadPath;
            case PathResult.Changed:
                request.Headers.Set(HeaderNames.Path, changed);
                return null;
            case PathResult.Redirect:
                return RedirectTo(changed.ToArray());
            default:
                return null;
        }
    }

    private static LocalReply RedirectTo(byte[] path) =>
        new(307, "", "path_normalization_failed") { ModifyHeaders = headers => headers.Add(HeaderNames.Location, path) };

    private LocalReply? Mutate(HttpExchange exchange, HeaderMap headers, ClientFacts client)
    {
        NormalizeHost(headers, client);
        RemoveHopByHop(headers, exchange.IsUpgrade);
        SanitizeReferer(headers);
        JudgeClient(exchange, headers, client);
        SetScheme(headers, client);
        var edge = !exchange.IsInternal && options.UseRemoteAddress;
        SanitizeProxyHeaders(exchange, headers, client, edge);
        if (options.AddUserAgent)
        {
            AddUserAgent(headers);
        }

        if (options.Via is { } via)
        {
            AppendVia(headers, via);
        }

        SetRequestId(exchange, headers, edge);
        ForwardCertificate(headers, client);
        return null;
    }

    private void NormalizeHost(HeaderMap headers, ClientFacts client)
    {
        if (options.StripPort == StripPort.None && !options.StripTrailingDot)
        {
            return;
        }

        var authority = headers.Get(HeaderNames.Authority);
        var portAt = PortAt(authority);
        var host = portAt < 0 ? authority : authority[..portAt];
        var port = portAt < 0 ? default : authority[portAt..];
        if (options.StripTrailingDot && host.EndsWith("."u8))
        {
            host = host[..^1];
        }

        if (options.StripPort == StripPort.Any || options.StripPort == StripPort.Matching && PortIs(port, client.LocalPort))
        {
            port = default;
        }

        if (host.Length + port.Length != authority.Length)
        {
            headers.Set(HeaderNames.Authority, (byte[])[.. host, .. port]);
        }
    }

    private static int PortAt(ReadOnlySpan<byte> authority)
    {
        var colon = authority.LastIndexOf((byte)':');
        return colon > authority.LastIndexOf((byte)']') ? colon : -1;
    }

    private static bool PortIs(ReadOnlySpan<byte> port, int expected) =>
        port.Length > 1
        && System.Buffers.Text.Utf8Parser.TryParse(port[1..], out int value, out var used)
        && used == port.Length - 1
        && value == expected;

    // What "connection" nominates is removed by the codec already.
    private static void RemoveHopByHop(HeaderMap headers, bool upgrade)
    {
        if (!upgrade)
        {
            headers.Remove(HeaderNames.Connection);
            headers.Remove(HeaderNames.Upgrade);
        }

        headers.Remove(HeaderNames.KeepAlive);
        headers.Remove(HeaderNames.ProxyConnection);
        headers.Remove(HeaderNames.TransferEncoding);
        if (headers.TryGet(HeaderNames.Te, out var te) && !te.SequenceEqual("trailers"u8))
        {
            if (ContainsToken(te, "trailers"u8))
            {
                headers.Set(HeaderNames.Te, "trailers"u8);
            }
            else
            {
                headers.Remove(HeaderNames.Te);
            }
        }
    }

    /// <summary>True when a comma-separated list holds the token, in any case.</summary>
    public static bool ContainsToken(ReadOnlySpan<byte> list, ReadOnlySpan<byte> token)
    {
        foreach (var range in list.Split((byte)','))
        {
            if (Ascii.EqualsIgnoreCase(list[range].Trim((byte)' '), token))
            {
                return true;
            }
        }

        return false;
    }

    private static void SanitizeReferer(HeaderMap headers)
    {
        var at = headers.IndexOf(HeaderNames.Referer);
        if (at < 0)
        {
            return;
        }

        var value = headers.ValueAt(at);
        var authority = value.StartsWith("http://"u8) ? value[7..] : value.StartsWith("https://"u8) ? value[8..] : default;
        var end = authority.IndexOfAny((byte)'/', (byte)'?');
        var host = end < 0 ? authority : authority[..end];
        if (headers.IndexOf(HeaderNames.Referer, at + 1) >= 0 || host.IsEmpty || host.Contains((byte)'@') || value.Contains((byte)'#'))
        {
            headers.Remove(HeaderNames.Referer);
        }
    }

    // Who the client is (Envoy: trusted client address), and whether it is inside.
    private void JudgeClient(HttpExchange exchange, HeaderMap headers, ClientFacts client)
    {
        var hadForwardedFor = headers.TryGet(HeaderNames.ForwardedFor, out var forwardedFor);
        bool eligible;
        if (options.UseRemoteAddress)
        {
            eligible = !hadForwardedFor;
            if (options.TrustedHops > 0 && hadForwardedFor)
            {
                exchange.TrustedClientAddress = client.AddressFromRight(forwardedFor, options.TrustedHops) ?? exchange.TrustedClientAddress;
            }

            if (!options.SkipForwardedForAppend && client.AddressText.Length > 0)
            {
                headers.AppendToValue(HeaderNames.ForwardedFor, client.AddressText);
            }
        }
        else
        {
            eligible = hadForwardedFor && options.TrustedHops == 0 && !forwardedFor.Contains((byte)',');
            var told = hadForwardedFor ? client.AddressFromRight(forwardedFor, options.TrustedHops + 1) : null;
            eligible &= told is not null;
            exchange.TrustedClientAddress = told ?? exchange.TrustedClientAddress;
        }

        exchange.IsInternal = eligible && client.IsInternal((exchange.TrustedClientAddress as IPEndPoint)?.Address);
        headers.Remove(HeaderNames.EnvoyInternal);
        if (exchange.IsInternal)
        {
            headers.Add(HeaderNames.EnvoyInternal, "true"u8);
        }
    }

    private void SetScheme(HeaderMap headers, ClientFacts client)
    {
        var ofConnection = client.IsTls ? "https"u8 : "http"u8;
        var told = headers.TryGet(HeaderNames.ForwardedProto, out var proto);
        if (options.SchemeToOverwrite is { } fixedScheme)
        {
            headers.Set(HeaderNames.ForwardedProto, fixedScheme);
            headers.Set(HeaderNames.Scheme, fixedScheme);
        }
        else
        {
            if (!told || options.UseRemoteAddress && options.TrustedHops == 0)
            {
                headers.Set(HeaderNames.ForwardedProto, ofConnection);
                proto = ofConnection;
            }

            if (!headers.Contains(HeaderNames.Scheme))
            {
                headers.Add(HeaderNames.Scheme, proto.SequenceEqual("http"u8) || proto.SequenceEqual("https"u8) ? proto : ofConnection);
            }
        }

        if (options.AppendForwardedPort && (options.TrustedHops == 0 || !headers.Contains(HeaderNames.ForwardedPort)))
        {
            headers.Set(HeaderNames.ForwardedPort, client.LocalPort);
        }
    }

    private static void SanitizeProxyHeaders(HttpExchange exchange, HeaderMap headers, ClientFacts client, bool edge)
    {
        if (exchange.IsInternal)
        {
            return;
        }

        RemoveAll(headers, InternalOnly);
        if (!edge)
        {
            return;
        }

        RemoveAll(headers, EdgeOnly);

        if (exchange.TrustedClientAddress is IPEndPoint address)
        {
            Span<byte> text = stackalloc byte[64];
            if (address.Address.TryFormat(text, out var length))
            {
                headers.Set(HeaderNames.EnvoyExternalAddress, text[..length]);
            }
        }
    }

    private static bool[] Mask(HeaderName[] names)
    {
        var mask = new bool[HeaderNames.Count];
        foreach (var name in names)
        {
            mask[name.Id] = true;
        }

        return mask;
    }

    private static void RemoveAll(HeaderMap headers, bool[] mask)
    {
        for (var i = headers.Count - 1; i >= 0; i--)
        {
            if (headers.KnownIdAt(i) is >= 0 and var id && mask[id])
            {
                headers.RemoveAt(i);
            }
        }
    }

    private void AddUserAgent(HeaderMap headers)
    {
        if (options.NodeCluster.Length == 0)
        {
            return;
        }

        headers.Set(HeaderNames.EnvoyDownstreamServiceCluster, options.NodeCluster);
        if (headers.Get(HeaderNames.UserAgent).IsEmpty)
        {
            headers.Set(HeaderNames.UserAgent, options.NodeCluster);
        }

        if (options.NodeId.Length > 0)
        {
            headers.Set(HeaderNames.EnvoyDownstreamServiceNode, options.NodeId);
        }
    }

    /// <summary>Appends to <c>via</c> with a comma and a space, unlike other lists (Envoy: appendVia).</summary>
    public static void AppendVia(HeaderMap headers, byte[] via)
    {
        if (headers.TryGet(HeaderNames.Via, out var present))
        {
            headers.Set(HeaderNames.Via, (byte[])[.. present, (byte)',', (byte)' ', .. via]);
        }
        else
        {
            headers.Add(HeaderNames.Via, via);
        }
    }

    private void SetRequestId(HttpExchange exchange, HeaderMap headers, bool edge)
    {
        if (!options.GenerateRequestId
            || headers.Contains(HeaderNames.RequestId) && (!edge || options.PreserveExternalRequestId))
        {
            return;
        }

        Span<byte> text = stackalloc byte[36];
        RandomUuid(exchange.Loop.Random, text);
        headers.Set(HeaderNames.RequestId, text);
    }

    // A version 4 UUID.
    private static void RandomUuid(Random random, Span<byte> text)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        bytes[7] = (byte)(bytes[7] & 0x0f | 0x40);
        bytes[8] = (byte)(bytes[8] & 0x3f | 0x80);
        new Guid(bytes).TryFormat(text, out _);
    }

    private void ForwardCertificate(HeaderMap headers, ClientFacts client)
    {
        switch (options.ClientCertificate)
        {
            case ClientCertificateMode.AlwaysForwardOnly:
            case ClientCertificateMode.ForwardOnly when client.HasClientCertificate:
                break;
            case ClientCertificateMode.AppendForward when client.HasClientCertificate:
                headers.AppendToValue(HeaderNames.ForwardedClientCert, client.CertificateElement);
                break;
            case ClientCertificateMode.SanitizeSet when client.HasClientCertificate:
                headers.Set(HeaderNames.ForwardedClientCert, client.CertificateElement);
                break;
            default:
                headers.Remove(HeaderNames.ForwardedClientCert);
                break;
        }
    }
}
