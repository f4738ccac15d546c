using System.Net;
using System.Net.Sockets;
using CsCheck;
using Lateen.Proxy.Loops;
using Lateen.Proxy.Tests.Support;

namespace Lateen.Proxy.Tests.Loops;

public sealed class SocketTransportTests : IDisposable
{
    private readonly LoopThreads _threads = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("lateen-").FullName;

    public void Dispose()
    {
        _threads.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    public static TheoryData<string> Families => ["ipv4", "ipv6", "unix"];

    private EndPoint AddressOf(string family) => family switch
    {
        "ipv4" => new IPEndPoint(IPAddress.Loopback, 0),
        "ipv6" => new IPEndPoint(IPAddress.IPv6Loopback, 0),
        _ => new UnixDomainSocketEndPoint(Path.Combine(_folder, "s.sock")),
    };

    [Theory]
    [MemberData(nameof(Families))]
    public async Task EchoesMoreThanTheKernelBuffers(string family)
    {
        await using var server = new EchoServer(_threads, AddressOf(family));
        var data = new byte[5_000_000];
        new Random(7).NextBytes(data);
        var back = await _threads.On(async () =>
        {
            var transport = await Connector.ConnectAsync(_threads.Loop, server.Address, TimeSpan.FromSeconds(5));
            var sending = SendAll(transport, data);
            var received = await ReceiveAll(transport);
            await sending;
            transport.Close();
            return received;
        });
        Assert.Equal(data, back);
    }

    [Fact]
    public async Task KnowsTheAddressesOfBothEnds()
    {
        await using var server = new EchoServer(_threads, AddressOf("ipv4"));
        var (local, remote) = await _threads.On(async () =>
        {
            var transport = await Connector.ConnectAsync(
                _threads.Loop, server.Address, TimeSpan.FromSeconds(5), new ConnectOptions { BindAddress = new IPEndPoint(IPAddress.Parse("127.0.0.5"), 0) });
            await transport.SendAsync("x"u8.ToArray());
            await transport.ReceiveAsync(new byte[1]);
            transport.Close();
            return ((IPEndPoint)transport.Info.LocalAddress, (IPEndPoint)transport.Info.RemoteAddress);
        });
        Assert.Equal(server.Address, remote);
        Assert.Equal(IPAddress.Parse("127.0.0.5"), local.Address);
        Assert.Equal(local, server.LastPeer);
    }

    [Fact]
    public async Task RefusalIsNamedAsEnvoyNamesIt()
    {
        var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var address = free.LocalEndpoint;
        free.Stop();
        var error = await Assert.ThrowsAsync<TransportException>(() =>
            _threads.On(async () => await Connector.ConnectAsync(_threads.Loop, address, TimeSpan.FromSeconds(5))));
        Assert.Equal("delayed connect error: Connection refused", error.Message);
        Assert.False(error.IsTimeout);
    }

    [Fact]
    public async Task ConnectingTimesOut()
    {
        // A full backlog leaves further connects without an answer.
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(0);
        using var filler = new TcpClient();
        await filler.ConnectAsync((IPEndPoint)full.LocalEndPoint!, TestContext.Current.CancellationToken);
        var error = await Assert.ThrowsAsync<TransportException>(() =>
            _threads.On(async () => await Connector.ConnectAsync(_threads.Loop, full.LocalEndPoint!, TimeSpan.FromMilliseconds(50))));
        Assert.True(error.IsTimeout);
    }

    [Fact]
    public async Task AnEmptyReceiveWaitsForBytesAndTakesNone()
    {
        await using var server = new EchoServer(_threads, AddressOf("ipv4"));
        var text = await _threads.On(async () =>
        {
            var transport = await Connector.ConnectAsync(_threads.Loop, server.Address, TimeSpan.FromSeconds(5));
            var waiting = transport.ReceiveAsync(Memory<byte>.Empty);
            Assert.False(waiting.IsCompleted);
            await transport.SendAsync("abcdef"u8.ToArray());
            Assert.Equal(0, await waiting);
            var buffer = new byte[6];
            var count = 0;
            while (count < 6)
            {
                Assert.Equal(0, await transport.ReceiveAsync(Memory<byte>.Empty));
                count += await transport.ReceiveAsync(buffer.AsMemory(count, 2));
            }

            waiting = transport.ReceiveAsync(Memory<byte>.Empty);
            Assert.False(waiting.IsCompleted);
            transport.Close();
            await Assert.ThrowsAsync<TransportException>(async () => await waiting);
            return System.Text.Encoding.ASCII.GetString(buffer);
        });
        Assert.Equal("abcdef", text);
    }

    [Fact]
    public async Task PeekTakesNothingAndWaitsForMore()
    {
        await using var server = new EchoServer(_threads, AddressOf("ipv4"));
        await _threads.On(async () =>
        {
            var transport = (SocketTransport)await Connector.ConnectAsync(_threads.Loop, server.Address, TimeSpan.FromSeconds(5));
            var buffer = new byte[100];
            await transport.SendAsync("ab"u8.ToArray());
            var known = await transport.PeekAsync(buffer, 0);
            while (known < 2)
            {
                known = await transport.PeekAsync(buffer, known);
            }

            var more = transport.PeekAsync(buffer, 2);
            Assert.False(more.IsCompleted);
            await transport.SendAsync("cd"u8.ToArray());
            known = await more;
            while (known < 4)
            {
                known = await transport.PeekAsync(buffer, known);
            }

            Assert.Equal(4, await transport.ReceiveAsync(buffer));
            Assert.Equal("abcd"u8.ToArray(), buffer[..4]);
            transport.Close();
        });
    }

    [Fact]
    public async Task TellsOfAPeerThatLeftWhileNobodyReceives()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var transport = await _threads.On(async () =>
        {
            var made = await Connector.ConnectAsync(_threads.Loop, listener.LocalEndpoint, TimeSpan.FromSeconds(5));
            made.PeerClosedCallback = _ => gone.SetResult();
            return made;
        });
        using (var accepted = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken))
        {
            Assert.False(gone.Task.IsCompleted);
        }

        await gone.Task.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        await _threads.On(async () =>
        {
            Assert.True(transport.PeerClosed);
            Assert.Equal(0, await transport.ReceiveAsync(new byte[10]));
            transport.Close();
        });
    }

    [Fact]
    public async Task ClosingWithResetIsSeenAsReset()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var transport = await _threads.On(async () => await Connector.ConnectAsync(_threads.Loop, listener.LocalEndpoint, TimeSpan.FromSeconds(5)));
        using var accepted = await listener.AcceptSocketAsync(TestContext.Current.CancellationToken);
        await _threads.On(() =>
        {
            transport.Close(reset: true);
            return Task.CompletedTask;
        });
        var error = await Assert.ThrowsAsync<SocketException>(async () => await accepted.ReceiveAsync(new byte[1], TestContext.Current.CancellationToken));
        Assert.Equal(SocketError.ConnectionReset, error.SocketErrorCode);
    }

    [Fact]
    public void ATakenPortIsNamed()
    {
        var first = ListeningSocket.Bind(AddressOf("ipv4"), new ListenOptions());
        var error = Assert.Throws<TransportException>(() => ListeningSocket.Bind(first.Address, new ListenOptions()));
        Assert.Equal($"cannot bind '{first.Address}': Address already in use", error.Message);
        Assert.True(first.CloseAsync().IsCompleted);
        Assert.True(ListeningSocket.Bind(first.Address, new ListenOptions()).CloseAsync().IsCompleted);
    }

    private static async Task SendAll(Transport transport, byte[] data)
    {
        await transport.SendAsync(data);
        await transport.ShutdownAsync();
    }

    private static async Task<byte[]> ReceiveAll(Transport transport)
    {
        var all = new MemoryStream();
        var buffer = new byte[10_000];
        while (await transport.ReceiveAsync(buffer) is var count && count > 0)
        {
            all.Write(buffer, 0, count);
        }

        return all.ToArray();
    }

    private sealed class EchoServer : IAcceptor, IAsyncDisposable
    {
        private readonly ListeningSocket _socket;

        public EchoServer(LoopThreads threads, EndPoint address)
        {
            _socket = ListeningSocket.Bind(address, new ListenOptions());
            _socket.Start([(EpollLoop)threads.Loop], this);
        }

        public EndPoint Address => _socket.Address;

        public EndPoint? LastPeer { get; private set; }

        public async void OnAccepted(EpollLoop loop, int fd, EndPoint local, EndPoint remote)
        {
            LastPeer = remote;
            var transport = SocketTransport.Accepted(loop, fd, local, remote);
            var buffer = new byte[16384];
            try
            {
                while (await transport.ReceiveAsync(buffer) is var count && count > 0)
                {
                    await transport.SendAsync(buffer.AsMemory(0, count));
                }

                await transport.ShutdownAsync();
            }
            catch (TransportException)
            {
                LastPeer ??= remote;
            }

            transport.Close();
        }

        public async ValueTask DisposeAsync() => await _socket.CloseAsync();
    }
}
