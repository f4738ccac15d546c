using System.Text;
using CsCheck;
using Lateen.Proxy.Codecs.Http1;
using Lateen.Proxy.Http;
using Lateen.Proxy.Tests.Support;

namespace Lateen.Proxy.Tests.Codecs;

public sealed class Http1ClientTests
{
    private readonly ManualLoop _loop = new();
    private readonly PipeTransport _client;
    private readonly PipeTransport _server;
    private readonly Http1ClientConnection _connection;
    private readonly List<string> _events = [];

    public Http1ClientTests()
    {
        (_client, _server) = PipeTransport.Pair(_loop);
        _connection = new Http1ClientConnection(_client, new Http1ClientOptions { EnableTrailers = true }, new Owner(_events));
    }

    [Fact]
    public void WritesARequestInOneSend()
    {
        var stream = _connection.Begin();
        var head = Request("POST", "/p?q", "h:80", ("x-a", "1"), ("connection", "keep-alive"), ("te", "trailers"), ("content-length", "2"));
        _loop.Run(stream.WriteHeadAsync(head, end: false));
        _loop.Run(stream.WriteBodyAsync("hi"u8.ToArray(), end: true));
        Assert.Equal("POST /p?q HTTP/1.1\r\nhost: h:80\r\nx-a: 1\r\nte: trailers\r\ncontent-length: 2\r\n\r\nhi", _server.TakeText());
    }

    [Theory]
    [InlineData("GET", true, "\r\n")]
    [InlineData("DELETE", true, "\r\n")]
    [InlineData("POST", true, "content-length: 0\r\n\r\n")]
    [InlineData("POST", false, "transfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n")]
    public void FramesRequestsByMethod(string method, bool end, string rest)
    {
        var stream = _connection.Begin();
        _loop.Run(stream.WriteHeadAsync(Request(method, "/", "h"), end));
        if (!end)
        {
            _loop.Run(stream.WriteBodyAsync("hi"u8.ToArray(), end: true));
        }

        Assert.Equal($"{method} / HTTP/1.1\r\nhost: h\r\n{rest}", _server.TakeText());
    }

    [Theory]
    [InlineData("GET", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "200 content-length=5|hello", "idle")]
    [InlineData("GET", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "200 content-length=0|", "idle")]
    [InlineData("GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nT: 1\r\n\r\n", "200 |hello|t=1", "idle")]
    [InlineData("GET", "HTTP/1.1 204 No Content\r\n\r\n", "204 |", "idle")]
    [InlineData("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", "304 content-length=9|", "idle")]
    [InlineData("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", "200 content-length=9|", "idle")]
    [InlineData("GET", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx", "200 connection=close; content-length=1|x", "closed")]
    [InlineData("GET", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", "200 content-length=1|x", "closed")]
    [InlineData("GET", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx", "200 connection=keep-alive; content-length=1|x", "idle")]
    [InlineData("GET", "HTTP/1.1 200 OK\r\n\r\nuntil the end<eof>", "200 |until the end", "closed")]
    [InlineData("GET", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", "100 |103 link=a|200 content-length=1|x", "idle")]
    [InlineData("GET", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxEXTRA", "200 content-length=1|x", "closed")]
    [InlineData("GET", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel<eof>", "200 content-length=5|hel|ConnectionTermination", "closed")]
    [InlineData("GET", "<eof>", "ConnectionTermination", "closed")]
    [InlineData("GET", "HTTP/1.1 2<eof>", "ConnectionTermination", "closed")]
    [InlineData("GET", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "ProtocolError http1.content_length_and_chunked_not_allowed", "closed")]
    [InlineData("GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "ProtocolError http1.invalid_transfer_encoding", "closed")]
    [InlineData("GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz", "200 |ProtocolError http1.codec_error", "closed")]
    [InlineData("GET", "HTTP/1.1 101 Switching Protocols\r\n\r\n", "ProtocolError http1.codec_error", "closed")]
    [InlineData("GET", "HTTP/1.1 99 X\r\n\r\n", "ProtocolError http1.codec_error", "closed")]
    [InlineData("GET", "HTTP/1.1 2000 X\r\n\r\n", "ProtocolError http1.codec_error", "closed")]
    [InlineData("GET", "HTTP/3.1 200 X\r\n\r\n", "ProtocolError http1.codec_error", "closed")]
    [InlineData("GET", "SSH-2.0-OpenSSH\r\n", "ProtocolError http1.codec_error", "closed")]
    [InlineData("GET", "HTTP/1.1 200 OK\nX: y\n\n", "ProtocolError http1.codec_error", "closed")]
    public void ReadsResponses(string method, string response, string seen, string last)
    {
        var whole = Read(method, response, int.MaxValue);
        Assert.Equal(seen, whole);
        Assert.Equal([last], _events);
        Gen.Int[1, 9].Sample(step =>
        {
            var test = new Http1ClientTests();
            Assert.Equal(whole, test.Read(method, response, step));
            Assert.Equal(last, test._events[^1]);
        }, iter: 9);
    }

    [Fact]
    public void AnIdleConnectionNoticesThatTheServerLeft()
    {
        Read("GET", "HTTP/1.1 204 No Content\r\n\r\n", int.MaxValue);
        _server.Close();
        _loop.RunUntilIdle();
        Assert.Equal(["idle", "closed"], _events);
        Assert.True(_client.IsClosed);
    }

    [Fact]
    public void AnIdleConnectionNoticesBytesNobodyAskedFor()
    {
        Read("GET", "HTTP/1.1 204 No Content\r\n\r\n", int.MaxValue);
        _server.Write("HTTP/1.1 200 OK\r\n\r\nfor the next one");
        _loop.RunUntilIdle();
        Assert.Equal(["idle", "closed"], _events);
        Assert.True(_client.IsClosed);
    }

    [Fact]
    public void CarriesOneExchangeAfterAnother()
    {
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal("200 content-length=1|x", Read("GET", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", 3));
        }

        Assert.Equal(Enumerable.Repeat("idle", 5), _events);
        Assert.Equal(5, _connection.Exchanges);
    }

    [Fact]
    public void AResponseBeforeTheRequestEndedSpoilsTheConnection()
    {
        var stream = _connection.Begin();
        _loop.Run(stream.WriteHeadAsync(Request("POST", "/", "h", ("content-length", "10")), end: false));
        _server.Write("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal(403, _loop.Run(stream.ReadHeadAsync()).Status);
        Assert.True(stream.ResponseHasNoBody);
        stream.Release();
        _loop.RunUntilIdle();
        Assert.Equal(["closed"], _events);
    }

    [Fact]
    public void AResetFailsPendingOperationsWithItsReason()
    {
        var stream = _connection.Begin();
        _loop.Run(stream.WriteHeadAsync(Request("GET", "/", "h"), end: true));
        var read = stream.ReadHeadAsync().AsTask();
        _loop.RunUntilIdle();
        Assert.False(read.IsCompleted);
        stream.Reset(StreamResetReason.Timeout);
        stream.Reset(StreamResetReason.LocalReset);
        _loop.RunUntilIdle();
        var error = Assert.IsType<StreamResetException>(read.Exception!.InnerException);
        Assert.Equal(StreamResetReason.Timeout, error.Reason);
        stream.Release();
        Assert.Equal(["closed"], _events);
    }

    [Fact]
    public void ValuesThatWouldEndTheLineAreLeftOut()
    {
        var stream = _connection.Begin();
        _loop.Run(stream.WriteHeadAsync(Request("GET", "/", "h", ("x-a", "1\r\nx-evil: 2"), ("x-b", "3")), end: true));
        Assert.Equal("GET / HTTP/1.1\r\nhost: h\r\nx-b: 3\r\n\r\n", _server.TakeText());
        Assert.Throws<StreamResetException>(() => _loop.Run(new Http1ClientTests()._connection.Begin().WriteHeadAsync(Request("GET", "/a b", "h"), end: true)));
    }

    private static RequestHead Request(string method, string path, string authority, params (string Name, string Value)[] headers)
    {
        var head = new RequestHead();
        head.Headers.Add(HeaderNames.Method, method);
        head.Headers.Add(HeaderNames.Path, path);
        head.Headers.Add(HeaderNames.Authority, authority);
        foreach (var (name, value) in headers)
        {
            head.Headers.Add(HeaderName.Of(name), value);
        }

        return head;
    }

    private string Read(string method, string response, int step)
    {
        var stream = _connection.Begin();
        _loop.Run(stream.WriteHeadAsync(Request(method, "/", "h"), end: true));
        _server.TakeText();
        var seen = new StringBuilder();
        var reading = ReadAsync(stream, seen);
        var text = response.Replace("<eof>", "", StringComparison.Ordinal);
        for (var at = 0; at < text.Length && !_client.IsClosed; at += Math.Min(step, text.Length - at))
        {
            _server.Write(text.Substring(at, Math.Min(step, text.Length - at)));
            if (text.Length - at > step && step < 10)
            {
                _loop.RunUntilIdle();
            }
        }

        if (text.Length < response.Length)
        {
            _server.ShutdownAsync().AsTask().GetAwaiter().GetResult();
        }

        _loop.RunUntilIdle();
        Assert.True(reading.IsCompletedSuccessfully, reading.Exception?.ToString());
        return seen.ToString();
    }

    private static async Task ReadAsync(ClientStream stream, StringBuilder seen)
    {
        try
        {
            ResponseHead head;
            while ((head = await stream.ReadHeadAsync()).Status < 200)
            {
                seen.Append(head.Status).Append(' ').Append(RecordingHandler.Describe(head.Headers)).Append('|');
            }

            seen.Append(head.Status).Append(' ').Append(RecordingHandler.Describe(head.Headers)).Append('|');
            BodyChunk chunk;
            do
            {
                chunk = await stream.ReadBodyAsync();
                seen.Append(Encoding.ASCII.GetString(chunk.Data.Span));
            }
            while (!chunk.End);
            if (stream.ResponseTrailers is { } trailers)
            {
                seen.Append('|').Append(RecordingHandler.Describe(trailers));
            }
        }
        catch (StreamResetException e)
        {
            if (seen.Length > 0 && seen[^1] != '|')
            {
                seen.Append('|');
            }

            seen.Append($"{e.Reason} {e.Details}".TrimEnd());
            stream.Reset(e.Reason);
        }

        stream.Release();
    }

    private sealed class Owner(List<string> events) : IHttp1ClientOwner
    {
        public void OnIdle(Http1ClientConnection connection) => events.Add("idle");

        public void OnClosed(Http1ClientConnection connection) => events.Add("closed");
    }
}
