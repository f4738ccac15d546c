using CsCheck;
using Lateen.Proxy.Codecs.Http1;
using Lateen.Proxy.Http;
using Lateen.Proxy.Tests.Support;

namespace Lateen.Proxy.Tests.Codecs;

public sealed class Http1ServerTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    private const string OkClose = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";

    private readonly ManualLoop _loop = new();
    private readonly RecordingHandler _handler = new();
    private readonly PipeTransport _client;
    private readonly PipeTransport _server;
    private Http1ServerOptions _options = new() { EnableTrailers = true };
    private Http1ServerConnection? _connection;
    private Task? _run;

    public Http1ServerTests() => (_client, _server) = PipeTransport.Pair(_loop);

    [Fact]
    public void HostBecomesAuthorityAndNamesAreLowered()
    {
        Assert.Equal(Ok, Exchange("GET /a?b=c HTTP/1.1\r\nHost: example.com:80\r\nX-Thing:  a b\t\r\nx-thing: c\r\n\r\n"));
        Assert.Equal([":method=GET; :path=/a?b=c; :scheme=http; :authority=example.com:80; x-thing=a b; x-thing=c"], _handler.Seen);
        Assert.False(_server.IsClosed);
    }

    [Fact]
    public void HeadAndBodyOfASmallResponseAreOneSend()
    {
        Exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal(1, _server.Sends);
    }

    [Fact]
    public void AnswersPipelinedRequestsInOrderOneAtATime()
    {
        _handler.Respond = async stream =>
        {
            var path = stream.Request.Headers.GetString(HeaderNames.Path)!;
            var head = new ResponseHead { Status = 200 };
            head.Headers.Set(HeaderName.Of("x-path"), path);
            await stream.WriteHeadAsync(head, end: true);
        };
        var answer = Exchange("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET /3 HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal(
            ["/1", "/2", "/3"],
            answer.Split("\r\n").Where(l => l.StartsWith("x-path", StringComparison.Ordinal)).Select(l => l[8..]));
        Assert.Equal("body abc", _handler.Seen[2]);
    }

    [Theory]
    [InlineData("GET http://h.example:81/p?q HTTP/1.1\r\nHost: other\r\n\r\n", ":method=GET; :authority=h.example:81; :path=/p?q; :scheme=http")]
    [InlineData("GET HTTPS://h HTTP/1.1\r\nHost: other\r\n\r\n", ":method=GET; :authority=h; :path=/; :scheme=https")]
    [InlineData("GET http://h?q=1 HTTP/1.1\r\n\r\n", ":method=GET; :authority=h; :path=/?q=1; :scheme=http")]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", ":method=OPTIONS; :path=*; :scheme=http; :authority=a")]
    [InlineData("CONNECT h:443 HTTP/1.1\r\nHost: other\r\n\r\n", ":method=CONNECT; :authority=h:443")]
    [InlineData("\r\n\r\nGET / HTTP/1.1\r\nhost:a\r\n\r\n", ":method=GET; :path=/; :scheme=http; :authority=a")]
    public void ReadsEveryFormOfTarget(string request, string seen)
    {
        Exchange(request);
        Assert.Equal([seen], _handler.Seen);
    }

    [Theory]
    [InlineData("Content-Length: 5\r\n\r\nhello", "body hello")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "body hello")]
    [InlineData("Transfer-Encoding: CHUNKED\r\n\r\n2;a=b\r\nhe\r\n003\r\nllo\r\n0;x\r\n\r\n", "body hello")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-T: 1\r\nHost: evil\r\n\r\n", "body x trailers x-t=1")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "body ")]
    public void ReadsEveryFramingOfABody(string rest, string seen)
    {
        Assert.Equal(Ok + Ok, Exchange("POST / HTTP/1.1\r\nHost: a\r\n" + rest + "GET /next HTTP/1.1\r\nHost: a\r\n\r\n"));
        Assert.Equal(seen, _handler.Seen[1]);
        Assert.StartsWith(":method=GET; :path=/next", _handler.Seen[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", OkClose)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nConnection: foo, CLOSE\r\n\r\n", OkClose)]
    [InlineData("GET / HTTP/1.0\r\nHost: a\r\n\r\n", "HTTP/1.0 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok")]
    public void ClosesWhenTheClientAsksForIt(string request, string answer)
    {
        _options = _options with { AcceptHttp10 = true };
        Assert.Equal(answer, Exchange(request));
        Assert.True(_client.PeerClosed);
        Assert.Equal(Http1ConnectionEnd.Local, _connection!.End);
    }

    [Fact]
    public void KeepsAnHttp10ConnectionThatAsksForIt()
    {
        _options = _options with { AcceptHttp10 = true, DefaultHostForHttp10 = "fallback" };
        Assert.Equal(
            "HTTP/1.0 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\nok",
            Exchange("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
        Assert.Contains(":authority=fallback", _handler.Seen[0], StringComparison.Ordinal);
        Assert.False(_client.PeerClosed);
    }

    [Fact]
    public void EndsAResponseWithoutLengthToHttp10WithTheConnection()
    {
        _options = _options with { AcceptHttp10 = true };
        _handler.Respond = async stream =>
        {
            await stream.WriteHeadAsync(new ResponseHead { Status = 200 }, end: false);
            await stream.WriteBodyAsync("abc"u8.ToArray(), end: true);
        };
        Assert.Equal(
            "HTTP/1.0 200 OK\r\nconnection: close\r\n\r\nabc",
            Exchange("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n"));
        Assert.True(_client.PeerClosed);
    }

    [Theory]
    [InlineData("GET", 200, true, "content-length: 0\r\n\r\n")]
    [InlineData("HEAD", 200, true, "\r\n")]
    [InlineData("GET", 204, true, "\r\n")]
    [InlineData("GET", 304, true, "\r\n")]
    [InlineData("GET", 200, false, "transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")]
    [InlineData("HEAD", 200, false, "\r\n")]
    [InlineData("GET", 204, false, "\r\n")]
    public void FramesResponsesAsMethodAndStatusDemand(string method, int status, bool end, string rest)
    {
        _handler.Respond = async stream =>
        {
            await stream.WriteHeadAsync(new ResponseHead { Status = status }, end);
            if (!end)
            {
                await stream.WriteBodyAsync("abc"u8.ToArray(), end: true);
            }
        };
        var answer = Exchange($"{method} / HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal(rest, answer[(answer.IndexOf("\r\n", StringComparison.Ordinal) + 2)..]);
        Assert.False(_client.PeerClosed);
    }

    [Fact]
    public void WritesTrailersAfterTheLastChunk()
    {
        _handler.Respond = async stream =>
        {
            await stream.WriteHeadAsync(new ResponseHead { Status = 200 }, end: false);
            await stream.WriteBodyAsync("abc"u8.ToArray(), end: false);
            var trailers = new HeaderMap();
            trailers.Add(HeaderNames.GrpcStatus, "0");
            await stream.WriteTrailersAsync(trailers);
        };
        Assert.EndsWith("\r\n\r\n3\r\nabc\r\n0\r\ngrpc-status: 0\r\n\r\n", Exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void AHeadDoesNotWaitLongerThanTheTurnForItsBody()
    {
        var body = new TaskCompletionSource();
        _handler.Respond = async stream =>
        {
            await stream.WriteHeadAsync(new ResponseHead { Status = 200 }, end: false);
            await body.Task;
            await stream.WriteBodyAsync("late"u8.ToArray(), end: true);
        };
        Assert.Equal("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", Exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
        body.SetResult();
        _loop.RunUntilIdle();
        Assert.Equal("4\r\nlate\r\n0\r\n\r\n", _client.TakeText());
    }

    [Fact]
    public void AnswersExpectContinueOnTheFirstRead()
    {
        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", Exchange("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n"));
        Assert.DoesNotContain("expect", _handler.Seen[0], StringComparison.Ordinal);
        _client.Write("hi");
        _loop.RunUntilIdle();
        Assert.Equal(Ok, _client.TakeText());
    }

    [Fact]
    public void TellsTheHandlerThatTheClientLeft()
    {
        _handler.Respond = _ => new TaskCompletionSource().Task;
        Exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        _client.Close();
        _loop.RunUntilIdle();
        Assert.Equal("reset ConnectionTermination", _handler.Seen[1]);
    }

    [Fact]
    public void ABodyCutShortFailsTheRead()
    {
        Exchange("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
        _client.Close();
        _loop.RunUntilIdle();
        Assert.Equal(["reset ConnectionTermination", "failed ConnectionTermination"], _handler.Seen.Skip(1));
        Assert.True(_server.IsClosed);
    }

    [Fact]
    public void AResponseBeforeTheRequestEndedClosesTheConnection()
    {
        var handler = new EarlyHandler();
        var connection = new Http1ServerConnection(_server, _options, handler);
        var run = connection.RunAsync();
        _client.Write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
        _loop.RunUntilIdle();
        Assert.Equal("HTTP/1.1 413 Payload Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n", _client.TakeText());
        Assert.True(_client.PeerClosed);
        Assert.False(run.IsCompleted);
        _loop.Advance(TimeSpan.FromSeconds(1));
        Assert.True(run.IsCompleted);
        Assert.True(_server.IsClosed);
    }

    [Theory]
    [MemberData(nameof(Smuggling))]
    public void RefusesWhatTwoPartiesCouldReadDifferently(string request, string seen)
    {
        var answer = Exchange(request);
        Assert.Equal(seen, _handler.Seen[^1]);
        Assert.Contains("connection: close", answer, StringComparison.Ordinal);
        Assert.True(_client.PeerClosed);
        Assert.Equal(Http1ConnectionEnd.ProtocolError, _connection!.End);
    }

    public static TheoryData<string, string> Smuggling
    {
        get
        {
            const string line = "POST / HTTP/1.1\r\nHost: a\r\n";
            const string codec = "rejected 400 http1.codec_error";
            const string characters = "rejected 400 http1.invalid_characters";
            const string encoding = "rejected 501 http1.invalid_transfer_encoding";
            return new()
            {
                { line + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "rejected 400 http1.content_length_and_chunked_not_allowed" },
                { line + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", codec },
                { line + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc", codec },
                { line + "Content-Length: 3, 3\r\n\r\nabc", codec },
                { line + "Content-Length: +3\r\n\r\nabc", codec },
                { line + "Content-Length: -1\r\n\r\n", codec },
                { line + "Content-Length: 0x3\r\n\r\nabc", codec },
                { line + "Content-Length:\r\n\r\n", codec },
                { line + "Content-Length: 99999999999999999999\r\n\r\n", codec },
                { line + "Transfer-Encoding: gzip, chunked\r\n\r\n", encoding },
                { line + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", encoding },
                { line + "Transfer-Encoding: identity\r\n\r\n", encoding },
                { line + "Transfer-Encoding: \"chunked\"\r\n\r\n", encoding },
                { "CONNECT a:1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", encoding },
                { "CONNECT a:1 HTTP/1.1\r\nContent-Length: 1\r\n\r\n", "rejected 400 http1.body_disallowed" },
                { line + " folded: x\r\n\r\n", characters },
                { line + "X: a\r\n b\r\n\r\n", codec },
                { line + "\tfolded\r\n\r\n", codec },
                { line + "X : a\r\n\r\n", characters },
                { line + "X\u0000: a\r\n\r\n", characters },
                { line + "X: a\u0000b\r\n\r\n", characters },
                { line + "X: a\rb\r\n\r\n", characters },
                { line + "X: a\nY: b\r\n\r\n", codec },
                { line + ": a\r\n\r\n", codec },
                { line + "no colon\r\n\r\n", codec },
                { line + "Host: b\r\n\r\n", "rejected 400 http.invalid_authority" },
                { "GET / HTTP/1.1\nHost: a\n\n", codec },
                { "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", codec },
                { "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", codec },
                { " GET / HTTP/1.1\r\nHost: a\r\n\r\n", codec },
                { "GET /\u0001 HTTP/1.1\r\nHost: a\r\n\r\n", codec },
                { "GET /\u00e4 HTTP/1.1\r\nHost: a\r\n\r\n", codec },
                { "GET / HTTP/2.0\r\nHost: a\r\n\r\n", codec },
                { "GET / http/1.1\r\nHost: a\r\n\r\n", codec },
                { "get / HTTP/1.1\r\nHost: a\r\n\r\n", codec },
                { "FOO / HTTP/1.1\r\nHost: a\r\n\r\n", codec },
                { "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", codec },
                { "GET ftp://a/ HTTP/1.1\r\n\r\n", "rejected 400 http1.invalid_scheme" },
                { "GET http://u@a/ HTTP/1.1\r\n\r\n", "rejected 400 http1.invalid_url" },
                { "GET http:/// HTTP/1.1\r\n\r\n", "rejected 400 http1.invalid_url" },
                { "GET relative HTTP/1.1\r\nHost: a\r\n\r\n", "rejected 400 http1.invalid_url" },
                { "GET /\r\n", "rejected 426 low_version" },
                { "GET / HTTP/1.0\r\nHost: a\r\n\r\n", "rejected 426 low_version" },
                { line + "Connection: x-forwarded-for\r\n\r\n", "rejected 400 http1.connection_header_rejected" },
                { line + "Connection: a,b,c,d,e,f,g,h,i,j\r\n\r\n", "rejected 400 http1.connection_header_rejected" },
                { line + "X: " + new string('a', 70_000) + "\r\n\r\n", "rejected 431 http1.headers_too_large" },
                { "GET /" + new string('a', 70_000), "rejected 431 http1.headers_too_large" },
                { line + string.Concat(Enumerable.Repeat("x: y\r\n", 100)) + "\r\n", "rejected 431 http1.too_many_headers" },
            };
        }
    }

    [Theory]
    [InlineData("x\r\n")]
    [InlineData("\r\nabc")]
    [InlineData("-1\r\nab")]
    [InlineData(" 3\r\nabc\r\n")]
    [InlineData("3 \r\nabc\r\n")]
    [InlineData("0x3\r\nabc\r\n")]
    [InlineData("3\nabc\r\n")]
    [InlineData("3\r\nabcd\r\n")]
    [InlineData("3\r\nabc\n0\r\n\r\n")]
    [InlineData("3\r\nabc\rX")]
    [InlineData("3;a\nb\r\nabc\r\n")]
    [InlineData("3;a\rb\r\nabc\r\n")]
    [InlineData("ffffffffffffffffff\r\nabc")]
    [InlineData("0\r\nX: a\n\r\n")]
    [InlineData("0\r\n folded\r\n\r\n")]
    public void RefusesBrokenChunks(string body)
    {
        Exchange("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body);
        Assert.StartsWith("failed ProtocolError http1.", _handler.Seen[^1], StringComparison.Ordinal);
        Assert.True(_server.IsClosed);
        Assert.Equal(Http1ConnectionEnd.ProtocolError, _connection!.End);
    }

    [Fact]
    public void HeadersNominatedByConnectionAreRemoved()
    {
        Exchange("GET / HTTP/1.1\r\nHost: a\r\nX-Hop: 1\r\nX-Stay: 2\r\nConnection: keep-alive, X-Hop\r\n\r\n");
        Assert.DoesNotContain("x-hop=", _handler.Seen[0], StringComparison.Ordinal);
        Assert.Contains("x-stay=2", _handler.Seen[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(UnderscoreAction.Allow, "a_b=1")]
    [InlineData(UnderscoreAction.DropHeader, "")]
    [InlineData(UnderscoreAction.RejectRequest, "rejected 400 http1.unexpected_underscore")]
    public void UnderscoresAreTreatedAsConfigured(UnderscoreAction action, string seen)
    {
        _options = _options with { Underscores = action };
        Exchange("GET / HTTP/1.1\r\nHost: a\r\nA_b: 1\r\n\r\n");
        Assert.EndsWith(seen.Length > 0 ? seen : ":authority=a", _handler.Seen[0], StringComparison.Ordinal);
    }

    [Fact]
    public void AnIdleConnectionIsClosed()
    {
        _options = _options with { IdleTimeout = TimeSpan.FromSeconds(10) };
        Exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        _loop.Advance(TimeSpan.FromSeconds(9));
        Assert.False(_server.IsClosed);
        _loop.Advance(TimeSpan.FromSeconds(1));
        Assert.True(_server.IsClosed);
        Assert.Equal(Http1ConnectionEnd.IdleTimeout, _connection!.End);
        Assert.Equal(0, _loop.ActiveTimers);
    }

    [Fact]
    public void ASlowHeadIsRefused()
    {
        _options = _options with { HeadTimeout = TimeSpan.FromSeconds(5) };
        Exchange("GET / HTTP/1.1\r\nHo");
        _loop.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("rejected 408 request_header_timeout", _handler.Seen[0]);
        Assert.StartsWith("HTTP/1.1 408 Request Timeout\r\nconnection: close", _client.TakeText(), StringComparison.Ordinal);
        Assert.Equal(Http1ConnectionEnd.HeadTimeout, _connection!.End);
    }

    [Fact]
    public void DrainingMakesTheNextResponseTheLast()
    {
        Assert.Equal(Ok, Exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
        _connection!.Drain();
        Assert.Equal(OkClose, Exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
        Assert.True(_client.PeerClosed);
    }

    [Fact]
    public void DrainingClosesAConnectionThatStaysIdle()
    {
        Assert.Equal(Ok, Exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
        _connection!.Drain();
        _loop.Advance(TimeSpan.FromMilliseconds(900));
        Assert.False(_server.IsClosed);
        _loop.Advance(TimeSpan.FromMilliseconds(100));
        Assert.True(_server.IsClosed);
        Assert.Equal(Http1ConnectionEnd.Local, _connection.End);
    }

    [Fact]
    public void TheOutcomeDoesNotDependOnHowTheBytesAreCutUp()
    {
        var samples = Smuggling.Select(row => row.Data.Item1).Where(r => r.Length < 10_000).Concat(
        [
            "GET /1 HTTP/1.1\r\nHost: a\r\nX: " + new string('v', 3000) + "\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello worldGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\nX: y\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n0\r\n\r\n",
        ]).ToArray();
        Gen.Select(Gen.Int[0, samples.Length - 1].Select(i => samples[i]), Gen.Int[1, 40].Array[1, 30]).Sample((request, cuts) =>
        {
            var whole = Run(request, [request.Length]);
            var cut = Run(request, cuts);
            Assert.Equal(whole.Answer, cut.Answer);
            Assert.Equal(whole.Seen, cut.Seen);
        }, iter: 300);
    }

    private static (string Answer, string Seen) Run(string request, int[] cuts)
    {
        var test = new Http1ServerTests();
        var run = new Http1ServerConnection(test._server, test._options, test._handler).RunAsync();
        var at = 0;
        for (var i = 0; at < request.Length && !test._client.PeerClosed && !test._server.IsClosed; i++)
        {
            var count = Math.Min(cuts[i % cuts.Length], request.Length - at);
            test._client.Write(request.Substring(at, count));
            at += count;
            test._loop.RunUntilIdle();
        }

        return (test._client.TakeText(), string.Join("\n", test._handler.Seen) + run.IsCompleted);
    }

    private string Exchange(string request)
    {
        if (_connection is null)
        {
            _connection = new Http1ServerConnection(_server, _options, _handler);
            _run = _connection.RunAsync().AsTask();
        }

        _client.Write(request);
        _loop.RunUntilIdle();
        Assert.False(_run!.IsFaulted, _run.Exception?.ToString());
        return _client.TakeText();
    }

    private sealed class EarlyHandler : IServerStreamHandler
    {
        public ValueTask HandleAsync(ServerStream stream) => stream.WriteHeadAsync(new ResponseHead { Status = 413 }, end: true);
    }
}
