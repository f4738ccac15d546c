using System.Net;
using System.Text;
using Envoy.Config.Core.V3;
using Google.Protobuf.WellKnownTypes;
using Lateen.Proxy.Codecs.Http1;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Extensions;
using Proto = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;

namespace Lateen.Proxy.Http.ConnectionManager;

/// <summary>Turns an HttpConnectionManager message into options: what cannot be honoured is refused or noted.</summary>
internal static class ConnectionManagerCompiler
{
    public static ConnectionManagerOptions Compile(Proto proto, FilterContext context)
    {
        Refuse(proto);
        NoteIgnored(proto, context);
        var common = proto.CommonHttpProtocolOptions ?? new HttpProtocolOptions();
        var options = new ConnectionManagerOptions
        {
            StatPrefix = proto.StatPrefix,
            ServerHeader = (ServerHeaderMode)proto.ServerHeaderTransformation,
            ServerName = Bytes(proto.ServerName.Length > 0 ? proto.ServerName : "envoy"),
            Via = proto.Via.Length > 0 ? Bytes(proto.Via) : null,
            GenerateRequestId = proto.GenerateRequestId ?? true,
            PreserveExternalRequestId = proto.PreserveExternalRequestId,
            AlwaysSetRequestIdInResponse = proto.AlwaysSetRequestIdInResponse,
            AddUserAgent = proto.AddUserAgent ?? false,
            NodeCluster = Bytes(context.Services.Node.Cluster),
            NodeId = Bytes(context.Services.Node.Id),
            SchemeToOverwrite = proto.SchemeHeaderTransformation?.SchemeToOverwrite is { Length: > 0 } scheme ? Bytes(scheme) : null,
            NormalizePath = proto.NormalizePath ?? false,
            MergeSlashes = proto.MergeSlashes,
            EscapedSlashes = EscapedSlashes(proto),
            StripPort = proto.StripMatchingHostPort ? StripPort.Matching : proto.StripAnyHostPort ? StripPort.Any : StripPort.None,
            StripTrailingDot = proto.StripTrailingHostDot,
            MaxRequestsPerConnection = (int)Math.Min(common.MaxRequestsPerConnection ?? 0, int.MaxValue),
            Http1 = Codec(proto, common, proto.HttpProtocolOptions ?? new Http1ProtocolOptions()),
        };
        return WithTimes(WithCertificateRules(WithAddressRules(options, proto), proto), proto, common);
    }

    private static void Refuse(Proto proto)
    {
        if (proto.StatPrefix.Length == 0)
        {
            throw new ConfigurationException("stat_prefix", "expected a value");
        }

        if (proto.CodecType is Proto.Types.CodecType.Http3 or Proto.Types.CodecType.Http2)
        {
            throw new ConfigurationException("codec_type", $"{proto.CodecType} is not supported");
        }

        if (proto.OriginalIpDetectionExtensions.Count > 0)
        {
            throw new ConfigurationException("original_ip_detection_extensions", "not supported: the client's address would be wrong");
        }

        if (proto.EarlyHeaderMutationExtensions.Count > 0)
        {
            throw new ConfigurationException("early_header_mutation_extensions", "not supported: routing could differ");
        }

        if (proto.StripMatchingHostPort && proto.StripAnyHostPort)
        {
            throw new ConfigurationException("strip_matching_host_port", "cannot be combined with strip_any_host_port");
        }

        if (proto.PathNormalizationOptions is not null)
        {
            throw new ConfigurationException("path_normalization_options", "not supported: use normalize_path");
        }
    }

    private static void NoteIgnored(Proto proto, FilterContext context)
    {
        Note(proto.LocalReplyConfig is not null, "local_reply_config");
        Note(proto.Tracing is not null, "tracing");
        Note(proto.HttpProtocolOptions?.HeaderKeyFormat is not null, "http_protocol_options.header_key_format");
        Note(proto.ProxyStatusConfig is not null, "proxy_status_config");
        Note(proto.TypedHeaderValidationConfig is not null, "typed_header_validation_config");
        Note(proto.SchemeHeaderTransformation?.MatchUpstream == true, "scheme_header_transformation.match_upstream");
        Note(proto.SetCurrentClientCertDetails is { Cert: true }, "set_current_client_cert_details.cert");
        Note(proto.SetCurrentClientCertDetails is { Chain: true }, "set_current_client_cert_details.chain");
        Note(
            proto.AccessLogOptions is { } log && (log.AccessLogFlushInterval is not null || log.FlushAccessLogOnNewRequest),
            "access_log_options");
        Note(proto.UpgradeConfigs.Count > 0, "upgrade_configs");

        void Note(bool isSet, string field)
        {
            if (isSet)
            {
                context.Ignore("HttpConnectionManager." + field);
            }
        }
    }

    private static EscapedSlashesAction EscapedSlashes(Proto proto) => proto.PathWithEscapedSlashesAction switch
    {
        Proto.Types.PathWithEscapedSlashesAction.RejectRequest => EscapedSlashesAction.Reject,
        Proto.Types.PathWithEscapedSlashesAction.UnescapeAndRedirect => EscapedSlashesAction.UnescapeAndRedirect,
        Proto.Types.PathWithEscapedSlashesAction.UnescapeAndForward => EscapedSlashesAction.UnescapeAndForward,
        _ => EscapedSlashesAction.Keep,
    };

    private static ConnectionManagerOptions WithAddressRules(ConnectionManagerOptions options, Proto proto) => options with
    {
        UseRemoteAddress = proto.UseRemoteAddress ?? false,
        TrustedHops = (int)Math.Min(proto.XffNumTrustedHops, int.MaxValue),
        SkipForwardedForAppend = proto.SkipXffAppend,
        AppendForwardedPort = proto.AppendXForwardedPort,
        UnixSocketsAreInternal = proto.InternalAddressConfig?.UnixSockets ?? false,
        InternalNetworks = proto.InternalAddressConfig is { } config ? [.. config.CidrRanges.Select(Network)] : [],
    };

    private static IPNetwork Network(CidrRange range, int index)
    {
        var path = $"internal_address_config.cidr_ranges[{index}]";
        if (!IPAddress.TryParse(range.AddressPrefix, out var address))
        {
            throw new ConfigurationException(path + ".address_prefix", $"'{range.AddressPrefix}' is not an IP address");
        }

        var bits = address.GetAddressBytes().Length * 8;
        var length = (int)Math.Min(range.PrefixLen ?? 0, (uint)bits);
        return new IPNetwork(Masked(address, length), length);
    }

    private static IPAddress Masked(IPAddress address, int length)
    {
        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
        {
            var keep = Math.Clamp(length - i * 8, 0, 8);
            bytes[i] &= (byte)(0xff << (8 - keep));
        }

        return new IPAddress(bytes);
    }

    private static ConnectionManagerOptions WithCertificateRules(ConnectionManagerOptions options, Proto proto) => options with
    {
        ClientCertificate = (ClientCertificateMode)proto.ForwardClientCertDetails,
        CertificateSubject = proto.SetCurrentClientCertDetails?.Subject ?? false,
        CertificateUri = proto.SetCurrentClientCertDetails?.Uri ?? false,
        CertificateDns = proto.SetCurrentClientCertDetails?.Dns ?? false,
    };

    private static ConnectionManagerOptions WithTimes(ConnectionManagerOptions options, Proto proto, HttpProtocolOptions common) => options with
    {
        StreamIdleTimeout = Time(proto.StreamIdleTimeout, options.StreamIdleTimeout),
        RequestTimeout = Time(proto.RequestTimeout, default),
        MaxConnectionDuration = Time(common.MaxConnectionDuration, default),
        MaxStreamDuration = Time(common.MaxStreamDuration, default),
    };

    private static Http1ServerOptions Codec(Proto proto, HttpProtocolOptions common, Http1ProtocolOptions http1) => new()
    {
        Limits = new Http1Limits
        {
            HeadBytes = (int)(proto.MaxRequestHeadersKb ?? 60) * 1024,
            Headers = (int)(common.MaxHeadersCount ?? 100),
        },
        AllowAbsoluteUrl = http1.AllowAbsoluteUrl ?? true,
        AcceptHttp10 = http1.AcceptHttp10,
        DefaultHostForHttp10 = http1.DefaultHostForHttp10.Length > 0 ? http1.DefaultHostForHttp10 : null,
        EnableTrailers = http1.EnableTrailers,
        AllowChunkedLength = http1.AllowChunkedLength,
        AllowCustomMethods = http1.AllowCustomMethods,
        Proxy100Continue = proto.Proxy100Continue,
        Underscores = (UnderscoreAction)common.HeadersWithUnderscoresAction,
        IdleTimeout = OffWhenZero(Time(common.IdleTimeout, TimeSpan.FromHours(1))),
        HeadTimeout = OffWhenZero(Time(proto.RequestHeadersTimeout, default)),
        DelayedCloseTimeout = Time(proto.DelayedCloseTimeout, TimeSpan.FromSeconds(1)),
    };

    private static TimeSpan? OffWhenZero(TimeSpan time) => time > TimeSpan.Zero ? time : null;

    private static TimeSpan Time(Duration? duration, TimeSpan otherwise) => duration?.ToTimeSpan() ?? otherwise;

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);
}
