#pragma warning disable CS0612 // the deprecated format field is still sent
using System.Text.Json;
using Envoy.Config.Accesslog.V3;
using Envoy.Config.Core.V3;
using Envoy.Extensions.AccessLoggers.File.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Lateen.Proxy.AccessLog;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Http;
using Lateen.Proxy.Stats;
using Lateen.Proxy.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Proto = Envoy.Config.Accesslog.V3.AccessLog;

namespace Lateen.Proxy.Tests.AccessLog;

public sealed class AccessLogTests : IAsyncDisposable
{
    private readonly ManualLoop _loop = new();
    private readonly StatsStore _stats = new();
    private readonly AccessLogFiles _files;
    private readonly AccessLogFactory _factory;
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"access-{Guid.NewGuid():N}.log");

    public AccessLogTests()
    {
        _files = new AccessLogFiles(TimeSpan.FromSeconds(1), _loop.Clock, _stats, NullLogger.Instance);
        _factory = new AccessLogFactory(_files, _stats, NullLogger<AccessLogFactory>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await _files.DisposeAsync();
        File.Delete(_path);
    }

    [Fact]
    public void Writes_Envoys_default_line()
    {
        _factory.Create([Log(new FileAccessLog { Path = _path })]).Log(SampleStreams.Http(_loop));
        Assert.Equal(
            "[2026-01-01T00:00:00.000Z] \"GET /products/1?page=2&sort=up HTTP/1.1\" 503 UF,URX 12 3456 43 41 \"-\" \"-\" "
            + "\"1a2b3c4d-0000-4000-8000-000000000000\" \"shop.example.com\" \"-\"\n",
            Written());
    }

    [Fact]
    public void Json_has_sorted_keys_and_typed_values()
    {
        var format = JsonParser.Default.Parse<Struct>(
            """{"status":"%RESPONSE_CODE%","b":{"user":"%REQ(X-USER)%","none":"%REQ(NO)%"},"a":"%PROTOCOL% %REQ(NO)%","n":3,"l":["%DURATION%"]}""");
        var file = new FileAccessLog { Path = _path, LogFormat = new SubstitutionFormatString { JsonFormat = format } };
        _factory.Create([Log(file)]).Log(SampleStreams.Http(_loop));
        var line = Written();
        Assert.StartsWith("""{"a":"HTTP/1.1 -","b":{"none":null,"user":"j""", line, StringComparison.Ordinal);
        Assert.EndsWith("""},"l":[43],"n":3,"status":503}""" + "\n", line, StringComparison.Ordinal);
        Assert.Equal(503, JsonDocument.Parse(line).RootElement.GetProperty("status").GetInt32());
    }

    [Fact]
    public void Json_can_leave_out_what_is_empty()
    {
        var format = JsonParser.Default.Parse<Struct>("""{"a":"%REQ(NO)%","b":"%PROTOCOL%"}""");
        var file = new FileAccessLog
        {
            Path = _path,
            LogFormat = new SubstitutionFormatString { JsonFormat = format, OmitEmptyValues = true },
        };
        _factory.Create([Log(file)]).Log(SampleStreams.Http(_loop));
        Assert.Equal("{\"b\":\"HTTP/1.1\"}\n", Written());
    }

    [Theory]
    [InlineData("""{"status_code_filter":{"comparison":{"op":"GE","value":{"default_value":500,"runtime_key":"x"}}}}""", true)]
    [InlineData("""{"status_code_filter":{"comparison":{"op":"LE","value":{"default_value":499,"runtime_key":"x"}}}}""", false)]
    [InlineData("""{"duration_filter":{"comparison":{"op":"EQ","value":{"default_value":43,"runtime_key":"x"}}}}""", true)]
    [InlineData("""{"response_flag_filter":{}}""", true)]
    [InlineData("""{"response_flag_filter":{"flags":["NR","UF"]}}""", true)]
    [InlineData("""{"response_flag_filter":{"flags":["NR"]}}""", false)]
    [InlineData("""{"not_health_check_filter":{}}""", true)]
    [InlineData("""{"traceable_filter":{}}""", false)]
    [InlineData("""{"and_filter":{"filters":[{"response_flag_filter":{}},{"traceable_filter":{}}]}}""", false)]
    [InlineData("""{"or_filter":{"filters":[{"response_flag_filter":{}},{"traceable_filter":{}}]}}""", true)]
    [InlineData("""{"runtime_filter":{"runtime_key":"x","percent_sampled":{"numerator":100}}}""", true)]
    [InlineData("""{"runtime_filter":{"runtime_key":"x"}}""", false)]
    [InlineData("""{"grpc_status_filter":{"statuses":["UNKNOWN"]}}""", true)]
    [InlineData("""{"header_filter":{"header":{"name":":method","string_match":{"exact":"GET"}}}}""", true)]
    [InlineData("""{"header_filter":{"header":{"name":"x-none","present_match":true}}}""", false)]
    [InlineData("""{"log_type_filter":{"types":["TcpConnectionEnd"]}}""", false)]
    [InlineData("""{"log_type_filter":{"types":["TcpConnectionEnd"],"exclude":true}}""", true)]
    public void Filters_decide(string filter, bool logged)
    {
        var log = Log(new FileAccessLog { Path = _path, Format = "x\n" });
        log.Filter = JsonParser.Default.Parse<AccessLogFilter>(filter);
        _factory.Create([log]).Log(SampleStreams.Http(_loop));
        Assert.Equal(logged ? "x\n" : "", Written());
    }

    [Fact]
    public void A_wrong_format_names_the_log()
    {
        var error = Assert.Throws<ConfigurationException>(() => _factory.Create(
            [Log(new FileAccessLog { Path = _path }), Log(new FileAccessLog { Path = _path, Format = "%X%" })]));
        Assert.Equal("access_log[1]", error.Path);
    }

    [Fact]
    public void A_file_that_cannot_be_opened_is_refused() =>
        Assert.Throws<ConfigurationException>(() => _factory.Create([Log(new FileAccessLog { Path = "/no/such/folder/x.log" })]));

    [Fact]
    public void After_a_rotation_lines_go_to_a_new_file()
    {
        var log = _factory.Create([Log(new FileAccessLog { Path = _path, Format = "x\n" })]);
        log.Log(SampleStreams.Http(_loop));
        _files.Flush();
        File.Move(_path, _path + ".1");
        _files.Reopen();
        log.Log(SampleStreams.Http(_loop));
        Assert.Equal("x\n", Written());
        Assert.Equal("x\n", File.ReadAllText(_path + ".1"));
        File.Delete(_path + ".1");
    }

    [Fact]
    public void A_file_that_takes_nothing_drops_lines_and_counts_them()
    {
        using var file = new LogFile("/dev/full", () => { }, _stats, NullLogger.Instance);
        var line = new byte[LogFile.FlushAt];
        for (var i = 0; i < (LogFile.MaxPending / LogFile.FlushAt) + 3; i++)
            file.Write(line);
        Assert.Equal(3, _stats.Counter("filesystem.write_dropped").Value);
        file.Flush();
        Assert.Equal(1, _stats.Counter("filesystem.write_failed").Value);
    }

    [Fact]
    public void Unknown_loggers_are_accepted_and_counted()
    {
        var log = new Proto { Name = "x", TypedConfig = Any.Pack(new StringValue()) };
        _factory.Create([log]).Log(SampleStreams.Http(_loop));
        Assert.Equal(1, _stats.Counter("access_logs.unsupported").Value);
    }

    [Fact]
    public void Flag_names_read_back()
    {
        for (var bit = 0; bit < 30; bit++)
        {
            var flag = (ResponseFlags)(1L << bit);
            Assert.Equal(flag, ResponseFlagText.Parse(ResponseFlagText.Short(flag)));
        }
    }

    private static Proto Log(FileAccessLog file) => new() { Name = "file", TypedConfig = Any.Pack(file) };

    private string Written()
    {
        _files.Flush();
        return File.Exists(_path) ? File.ReadAllText(_path) : "";
    }
}
