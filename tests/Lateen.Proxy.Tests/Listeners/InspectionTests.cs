using System.Net;
using System.Net.Security;
using System.Text;
using CsCheck;
using Lateen.Proxy.Listeners.Inspection;
using Lateen.Proxy.Loops;
using Lateen.Proxy.Tests.Support;
using Lateen.Proxy.Tls;

namespace Lateen.Proxy.Tests.Listeners;

public sealed class InspectionTests
{
    [Fact]
    public async Task ReadsAClientHelloOnlyWhenItIsComplete()
    {
        var bytes = await ClientHelloAsync("Reviews.example.com", "istio", "http/1.1");
        Assert.Equal(ClientHello.Result.Found, ClientHello.TryRead(bytes, out var hello));
        Assert.Equal("reviews.example.com", hello!.ServerName);
        Assert.Equal(["istio", "http/1.1"], hello.ApplicationProtocols);
        for (var length = 1; length < bytes.Length; length++)
        {
            Assert.Equal(ClientHello.Result.NeedMore, ClientHello.TryRead(bytes.AsSpan(0, length), out _));
        }
    }

    [Fact]
    public async Task ReadsAClientHelloSpreadOverRecords()
    {
        var bytes = await ClientHelloAsync("a.example", "h2");
        Gen.Int[1, 200].Sample(size =>
        {
            var spread = new List<byte>();
            for (var at = 5; at < bytes.Length; at += size)
            {
                var part = Math.Min(size, bytes.Length - at);
                spread.AddRange([22, 3, 1, (byte)(part >> 8), (byte)part]);
                spread.AddRange(bytes.AsSpan(at, part));
            }

            Assert.Equal(ClientHello.Result.Found, ClientHello.TryRead(spread.ToArray(), out var hello));
            Assert.Equal("a.example", hello!.ServerName);
        });
    }

    [Fact]
    public async Task BrokenBytesNeverThrow()
    {
        var bytes = await ClientHelloAsync("a.example", "h2");
        Gen.Select(Gen.Int[5, bytes.Length - 1], Gen.Byte).Array[1, 5].Sample(changes =>
        {
            var broken = bytes.ToArray();
            foreach (var (at, value) in changes)
            {
                broken[at] = value;
            }

            ClientHello.TryRead(broken, out _);
        });
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("\u0015\u0003\u0001\u0000\u0002\u0002\u0028")]
    [InlineData("\u0016\u0002")]
    public void SeesWhatIsNotTls(string text) =>
        Assert.Equal(ClientHello.Result.NotTls, ClientHello.TryRead(Encoding.Latin1.GetBytes(text), out _));

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n", "http/1.1")]
    [InlineData("GET / HTTP/1.0\r\nHost: a", "http/1.0")]
    [InlineData("M-SEARCH * HTTP/1.1\r\n", "http/1.1")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "h2c")]
    [InlineData("SSH-2.0-OpenSSH_9\r\n", null)]
    [InlineData("\u0000\u0001\u0002", null)]
    [InlineData("GET / FTP/1.1\r\n", null)]
    public void RecognizesHttp(string text, string? protocol)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        var facts = Facts();
        Assert.Equal(InspectStatus.Done, new HttpInspector().Inspect(facts, null!, bytes));
        Assert.Equal(protocol, facts.ApplicationProtocols?.Single());
    }

    [Theory]
    [InlineData("")]
    [InlineData("GE")]
    [InlineData("GET /very/long")]
    [InlineData("PRI * HTTP/2.0\r\n\r\n")]
    public void WaitsForMoreOfWhatMayBeHttp(string text) =>
        Assert.Equal(InspectStatus.NeedMore, new HttpInspector().Inspect(Facts(), null!, Encoding.Latin1.GetBytes(text)));

    private static ConnectionFacts Facts()
    {
        var address = new IPEndPoint(IPAddress.Loopback, 80);
        return new ConnectionFacts(new ConnectionInfo { Id = 1, LocalAddress = address, RemoteAddress = address, DirectRemoteAddress = address });
    }

    private static async Task<byte[]> ClientHelloAsync(string name, params string[] protocols)
    {
        var loop = new ManualLoop();
        var (client, server) = PipeTransport.Pair(loop);
        await using var ssl = new SslStream(new TransportStream(client));
        var handshake = ssl.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = name, ApplicationProtocols = [.. protocols.Select(p => new SslApplicationProtocol(p))] },
            TestContext.Current.CancellationToken);
        loop.RunUntilIdle();
        var bytes = Encoding.Latin1.GetBytes(server.TakeText());
        server.Close();
        loop.RunUntilIdle();
        await Assert.ThrowsAnyAsync<IOException>(() => handshake);
        return bytes;
    }
}
