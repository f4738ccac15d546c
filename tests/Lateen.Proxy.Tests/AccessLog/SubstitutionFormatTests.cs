using System.Text;
using CsCheck;
using Lateen.Proxy.AccessLog;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Http;
using Lateen.Proxy.Tests.Support;

namespace Lateen.Proxy.Tests.AccessLog;

public sealed class SubstitutionFormatTests
{
    private readonly ManualLoop _loop = new();

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("100%%", "100%")]
    [InlineData("%REQ(:METHOD)% %REQ(:authority)%", "GET shop.example.com")]
    [InlineData("%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%", "/products/1?page=2&sort=up")]
    [InlineData("%REQ(:PATH):9%", "/products")]
    [InlineData("%REQ(MISSING)%", "-")]
    [InlineData("%REQ_WITHOUT_QUERY(:PATH)%", "/products/1")]
    [InlineData("%PATH(NQ:PATH)%|%PATH()%|%PATH(WQ:ORIG)%", "/products/1|/products/1?page=2&sort=up|-")]
    [InlineData("%QUERY_PARAM(sort)% %QUERY_PARAM(so)%", "up -")]
    [InlineData("%RESP(:STATUS)% %RESPONSE_CODE%", "503 503")]
    [InlineData("%RESP(X-Envoy-Upstream-Service-Time)%", "41")]
    [InlineData("%TRAILER(GRPC-STATUS)%", "-")]
    [InlineData("%PROTOCOL%", "HTTP/1.1")]
    [InlineData("%RESPONSE_FLAGS% %RESPONSE_FLAGS_LONG%", "UF,URX UpstreamConnectionFailure,UpstreamRetryLimitExceeded")]
    [InlineData("%RESPONSE_CODE_DETAILS%", "upstream_reset:_x")]
    [InlineData("%RESPONSE_CODE_DETAILS(ALLOW_WHITESPACES)%", "upstream reset: x")]
    [InlineData("%BYTES_RECEIVED%/%BYTES_SENT%/%UPSTREAM_REQUEST_ATTEMPT_COUNT%", "12/3456/2")]
    [InlineData("%DURATION% %RESPONSE_DURATION% %RESPONSE_TX_DURATION% %REQUEST_DURATION%", "43 20 23 -")]
    [InlineData("%COMMON_DURATION(DS_RX_BEG:US_RX_BEG:us)%", "20000")]
    [InlineData("%ROUTE_NAME% %FILTER_CHAIN_NAME% %CONNECTION_ID%", "default chain 7")]
    [InlineData("%DOWNSTREAM_REMOTE_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT% %DOWNSTREAM_REMOTE_PORT%", "10.0.0.9:4711 10.0.0.9 4711")]
    [InlineData("%DOWNSTREAM_DIRECT_REMOTE_ADDRESS% %DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%", "[::1]:4712 ::1")]
    [InlineData("%DOWNSTREAM_LOCAL_ADDRESS% %UPSTREAM_HOST% %UPSTREAM_CLUSTER_RAW%", "10.0.0.1:8080 - -")]
    [InlineData("%REQUESTED_SERVER_NAME% %DOWNSTREAM_TLS_VERSION%", "reviews.example.com TLSv1.3")]
    [InlineData("%DOWNSTREAM_PEER_URI_SAN%", "spiffe://cluster.local/ns/default/sa/a,spiffe://cluster.local/ns/default/sa/b")]
    [InlineData("%START_TIME%", "2026-01-01T00:00:00.000Z")]
    [InlineData("%START_TIME(%Y/%m/%dT%H:%M:%S%z %s)%", "2026/01/01T00:00:00+0000 1767225600")]
    [InlineData("%START_TIME(%3f %6f %9f %a %b %e %j)%", "000 000000 000000000 Thu Jan  1 001")]
    [InlineData("%EMIT_TIME%", "2026-01-01T00:00:00.043Z")]
    [InlineData("%ACCESS_LOG_TYPE%", "DownstreamEnd")]
    public void Writes_what_Envoy_would(string format, string expected) =>
        Assert.Equal(expected, Text(format, SampleStreams.Http(_loop)));

    [Theory]
    [InlineData("%REQ(:METHOD)% %PROTOCOL% %RESPONSE_CODE% %BYTES_SENT% %ACCESS_LOG_TYPE%", "- - 0 6 TcpConnectionEnd")]
    public void Tcp_has_no_http_values(string format, string expected) => Assert.Equal(expected, Text(format, SampleStreams.Tcp(_loop)));

    [Theory]
    [InlineData("%NOPE%")]
    [InlineData("%REQ(X")]
    [InlineData("%REQ%")]
    [InlineData("%REQ(A?B?C)%")]
    [InlineData("50% off")]
    [InlineData("%DURATION(x)%")]
    [InlineData("%COMMON_DURATION(a:b)%")]
    [InlineData("%GRPC_STATUS(X)%")]
    [InlineData("%FILTER_STATE(a:NO)%")]
    public void Refuses_what_Envoy_refuses(string format) =>
        Assert.Throws<ConfigurationException>(() => SubstitutionFormat.Compile(format));

    [Theory]
    [InlineData("14", null, "Unavailable", "14")]
    [InlineData(null, "0", "OK", "0")]
    [InlineData(null, null, "Unavailable", "14")]
    public void Grpc_status_comes_from_trailers_headers_or_http_status(string? header, string? trailer, string name, string number)
    {
        var exchange = SampleStreams.Http(_loop, head => head.Headers.Add(HeaderNames.ContentType, "application/grpc"));
        if (header is not null)
            exchange.Response!.Headers.Add(HeaderNames.GrpcStatus, header);
        if (trailer is not null)
        {
            exchange.ResponseTrailers = new HeaderMap();
            exchange.ResponseTrailers.Add(HeaderNames.GrpcStatus, trailer);
        }

        Assert.Equal($"{name} {number}", Text("%GRPC_STATUS% %GRPC_STATUS_NUMBER%", exchange));
    }

    [Fact]
    public void Headers_get_nothing_for_a_missing_value()
    {
        var format = SubstitutionFormat.Compile("a%REQ(MISSING)%b", omitEmptyValues: true);
        Assert.Equal("ab", Encoding.UTF8.GetString(format.Format(SampleStreams.Http(_loop))));
    }

    [Fact]
    public void Text_without_percent_is_written_as_it_is() => Gen.String.Sample(text =>
    {
        var escaped = text.Replace("%", "%%", StringComparison.Ordinal);
        Assert.Equal(Encoding.UTF8.GetBytes(text), SubstitutionFormat.Compile(escaped).Format(SampleStreams.Http(new ManualLoop())).ToArray());
    });

    [Fact]
    public void A_limit_cuts_at_a_character() => Gen.Select(Gen.String[Gen.Char['a', 'ÿ'], 0, 20], Gen.Int[0, 30]).Sample((text, limit) =>
    {
        var exchange = SampleStreams.Http(new ManualLoop(), head => head.Headers.Add("x-text"u8, Encoding.UTF8.GetBytes(text)));
        var written = SubstitutionFormat.Compile($"%REQ(X-TEXT):{limit}%").Format(exchange).ToArray();
        Assert.True(written.Length <= limit);
        Assert.StartsWith(Encoding.UTF8.GetString(written), text, StringComparison.Ordinal);
    });

    [Fact]
    public void Formatting_the_default_line_allocates_nothing()
    {
        var format = SubstitutionFormat.Compile(SubstitutionFormat.DefaultText);
        var exchange = SampleStreams.Http(_loop);
        exchange.Flags = ResponseFlags.None;
        format.Format(exchange);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            format.Format(exchange);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static string Text(string format, StreamInfo stream) => Encoding.UTF8.GetString(SubstitutionFormat.Compile(format).Format(stream));
}
