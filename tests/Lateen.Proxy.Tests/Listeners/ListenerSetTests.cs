using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Envoy.Extensions.Filters.Listener.HttpInspector.V3;
using Envoy.Extensions.Filters.Listener.TlsInspector.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Extensions;
using Lateen.Proxy.Listeners;
using Lateen.Proxy.Loops;
using Lateen.Proxy.Network;
using Lateen.Proxy.Tests.Support;
using FilterChain = Envoy.Config.Listener.V3.FilterChain;

namespace Lateen.Proxy.Tests.Listeners;

public sealed class ListenerSetTests : IDisposable
{
    private readonly LoopThreads _threads = new(2);
    private readonly TestSecrets _secrets = new();
    private readonly TestCertificates _authority = new();
    private readonly ProxyServices _services;
    private readonly ListenerSet _set;

    public ListenerSetTests()
    {
        _services = TestServices.Create(_threads.Group.Loops, _secrets, extensions: new ExtensionCatalog([], [new TaggedEchoFactory()]));
        _set = new ListenerSet(() => _services, new ListenerSetOptions { DrainTime = TimeSpan.FromMilliseconds(200) });
    }

    public void Dispose()
    {
        foreach (var listener in _set.Active)
        {
            _set.Remove(listener.Name);
        }

        _threads.Dispose();
    }

    [Fact]
    public async Task ServesConnectionsOnEveryAddress()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("lateen-").FullName, "l.sock");
        var listener = Listener("a", Chain("one"));
        listener.AdditionalAddresses.Add(new AdditionalAddress { Address = new Address { SocketAddress = new() { Address = "::1", PortValue = 0 } } });
        listener.AdditionalAddresses.Add(new AdditionalAddress { Address = new Address { Pipe = new() { Path = path, Mode = 0x180 } } });
        Activate(listener);
        var addresses = Assert.Single(_set.Active).Addresses;
        Assert.Equal(3, addresses.Count);
        foreach (var address in addresses)
        {
            using var client = await ConnectAsync(address);
            Assert.Equal("one:hi", await client.AskAsync("hi"));
        }

        _set.Remove("a");
        await Eventually(() => !File.Exists(path));
    }

    [Fact]
    public async Task AChainThatChangedServesNewConnectionsAndDrainsItsOldOnesOnly()
    {
        Activate(Listener("a", Chain("keep", 1), Chain("old", 2)));
        var address = Address("a");
        using var kept = await ConnectAsync(address, "127.0.0.1");
        using var old = await ConnectAsync(address, "127.0.0.2");
        Assert.Equal("keep:1", await kept.AskAsync("1"));
        Assert.Equal("old:1", await old.AskAsync("1"));

        Activate(Listener("a", Chain("keep", 1), Chain("new", 2)));
        Assert.Equal(address, Address("a"));
        using var fresh = await ConnectAsync(address, "127.0.0.2");
        Assert.Equal("new:1", await fresh.AskAsync("1"));
        Assert.Equal("old:drained", await old.ReadAsync());
        Assert.Equal("", await old.ReadAsync());
        Assert.Equal("keep:2", await kept.AskAsync("2"));
        Assert.Equal(1, _services.Stats.Counter("listener_manager.listener_in_place_updated").Value);

        // A second update still knows the connections that went on over the first.
        Activate(Listener("a", Chain("new", 2)));
        Assert.Equal("keep:drained", await kept.ReadAsync());
        Assert.Equal("", await kept.ReadAsync());
        Assert.Equal("new:2", await fresh.AskAsync("2"));
    }

    [Fact]
    public async Task AConnectionStillLookedAtIsServedByTheNewConfiguration()
    {
        var before = Listener("a", Chain("old"));
        AddInspectors(before);
        Activate(before);
        using var client = await ConnectAsync(Address("a"));
        await Eventually(() => _set.ActiveConnections == 1);
        var after = Listener("a", Chain("new"));
        AddInspectors(after);
        Activate(after);
        Assert.Equal("new:\u0001", await client.AskAsync("\u0001"));
        Assert.Equal("new:\u0002", await client.AskAsync("\u0002"));
    }

    [Fact]
    public async Task ARemovedListenerFreesItsAddressForAnother()
    {
        Activate(Listener("a", Chain("one")));
        var address = (IPEndPoint)Address("a");
        using var client = await ConnectAsync(address);
        Assert.Equal("one:x", await client.AskAsync("x"));
        _set.Remove("a");
        Activate(Listener("b", (uint)address.Port, Chain("two")));
        using var other = await ConnectAsync(address);
        Assert.Equal("two:x", await other.AskAsync("x"));
        Assert.Equal("one:drained", await client.ReadAsync());
        Assert.Equal("", await client.ReadAsync());
    }

    [Fact]
    public void ATakenAddressIsRefusedAndWhatRanGoesOn()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var error = Assert.Throws<ConfigurationException>(() => Activate(Listener("a", (uint)((IPEndPoint)taken.LocalEndpoint).Port, Chain("one"))));
        Assert.Contains("cannot bind '127.0.0.1:", error.Message, StringComparison.Ordinal);
        Assert.Contains("Address already in use", error.Message, StringComparison.Ordinal);
        Assert.Empty(_set.Active);
    }

    [Fact]
    public void AnUnknownFilterIsRefusedWithItsPath()
    {
        var listener = Listener("a", Chain("one"));
        listener.FilterChains[0].Filters[0].TypedConfig = Any.Pack(new Empty());
        var error = Assert.Throws<ConfigurationException>(() => _set.Prepare(listener));
        Assert.Equal("filter_chains[0].filters[0].typed_config", error.Path);
    }

    [Fact]
    public async Task PermissiveListenersTellTlsFromHttpFromTheRest()
    {
        _secrets.Set("default", _authority.Issue("spiffe://cluster.local/ns/default/sa/a"));
        var listener = Listener("a", Chain("mutual"), Chain("http"), Chain("rest"));
        listener.FilterChains[0].FilterChainMatch = new() { TransportProtocol = "tls", ApplicationProtocols = { "istio" } };
        listener.FilterChains[0].TransportSocket = new() { Name = "envoy.transport_sockets.tls", TypedConfig = Any.Pack(Tls()) };
        listener.FilterChains[1].FilterChainMatch = new() { TransportProtocol = "raw_buffer", ApplicationProtocols = { "http/1.1" } };
        listener.FilterChains[2].FilterChainMatch = new() { TransportProtocol = "raw_buffer" };
        AddInspectors(listener);
        Activate(listener);

        using var http = await ConnectAsync(Address("a"));
        Assert.StartsWith("http:GET", await http.AskAsync("GET / HTTP/1.1\r\n"), StringComparison.Ordinal);
        using var rest = await ConnectAsync(Address("a"));
        Assert.Equal("rest:\u0001\u0002", await rest.AskAsync("\u0001\u0002"));
        using var tls = await ConnectAsync(Address("a"));
        await tls.SecureAsync("istio");
        Assert.Equal("mutual:hi", await tls.AskAsync("hi"));
        Assert.Equal(1, _services.Stats.Counter("tls_inspector.tls_found").Value);
    }

    [Fact]
    public async Task ConnectionsThatMatchNothingAreClosedAndLogged()
    {
        Activate(Listener("a", Chain("other", 9)));
        using var client = await ConnectAsync(Address("a"), "127.0.0.1");
        Assert.Equal("", await client.ReadAsync());
        await Eventually(() => _services.Stats.Counters.Any(c => c.Name.EndsWith(".no_filter_chain_match", StringComparison.Ordinal) && c.Value == 1));
        await Eventually(() => _set.ActiveConnections == 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SilentClientsAreServedOrClosedWhenInspectionTakesTooLong(bool goOn)
    {
        var listener = Listener("a", Chain("one"));
        AddInspectors(listener);
        listener.ListenerFiltersTimeout = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(50));
        listener.ContinueOnListenerFiltersTimeout = goOn;
        Activate(listener);
        using var client = await ConnectAsync(Address("a"));
        if (goOn)
        {
            await Eventually(() => _services.Stats.Counters.Any(c => c.Name.EndsWith("downstream_pre_cx_timeout", StringComparison.Ordinal) && c.Value == 1));
            Assert.Equal("one:late", await client.AskAsync("late"));
        }
        else
        {
            Assert.Equal("", await client.ReadAsync());
        }
    }

    [Fact]
    public async Task StoppingKeepsConnectionsAndDrainingTellsThem()
    {
        Activate(Listener("a", Chain("one")));
        var address = Address("a");
        using var client = await ConnectAsync(address);
        Assert.Equal("one:1", await client.AskAsync("1"));
        _set.StopAccepting(inboundOnly: false);
        await Eventually(() =>
        {
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Connect(address);
                return false;
            }
            catch (SocketException)
            {
                return true;
            }
        });
        Assert.Equal("one:2", await client.AskAsync("2"));
        _set.Drain(inboundOnly: false);
        Assert.Equal("one:drained", await client.ReadAsync());
        _set.CloseConnections();
        Assert.Equal("", await client.ReadAsync());
        await Eventually(() => _set.ActiveConnections == 0);
    }

    [Fact]
    public async Task ConnectionsSpreadOverTheLoops()
    {
        Activate(Listener("a", Chain("loop")));
        var seen = new HashSet<string>();
        var clients = new List<Client>();
        for (var i = 0; i < 4; i++)
        {
            clients.Add(await ConnectAsync(Address("a")));
            seen.Add(await clients[^1].AskAsync("loop?"));
        }

        Assert.Equal(["loop:0", "loop:1"], seen.Order());
        clients.ForEach(c => c.Dispose());
    }

    private static Envoy.Extensions.TransportSockets.Tls.V3.DownstreamTlsContext Tls()
    {
        var tls = new Envoy.Extensions.TransportSockets.Tls.V3.DownstreamTlsContext { CommonTlsContext = new() };
        tls.CommonTlsContext.TlsCertificateSdsSecretConfigs.Add(new Envoy.Extensions.TransportSockets.Tls.V3.SdsSecretConfig { Name = "default" });
        tls.CommonTlsContext.AlpnProtocols.Add(["istio-peer-exchange", "h2", "istio"]);
        return tls;
    }

    private static void AddInspectors(Listener listener)
    {
        listener.ListenerFilters.Add(new ListenerFilter { Name = "tls", TypedConfig = Any.Pack(new TlsInspector()) });
        listener.ListenerFilters.Add(new ListenerFilter { Name = "http", TypedConfig = Any.Pack(new HttpInspector()) });
    }

    // With a source, the chain is for clients of 127.0.0.<source>.
    private static FilterChain Chain(string tag, int source = 0)
    {
        var chain = new FilterChain { Name = tag };
        chain.Filters.Add(new Filter { Name = "echo", TypedConfig = Any.Pack(new StringValue { Value = tag }) });
        if (source > 0)
        {
            chain.FilterChainMatch = new() { SourcePrefixRanges = { new CidrRange { AddressPrefix = $"127.0.0.{source}", PrefixLen = 32 } } };
        }

        return chain;
    }

    private static Listener Listener(string name, params FilterChain[] chains) => Listener(name, 0, chains);

    private static Listener Listener(string name, uint port, params FilterChain[] chains)
    {
        var listener = new Listener { Name = name, Address = new Address { SocketAddress = new() { Address = "127.0.0.1", PortValue = port } } };
        listener.FilterChains.Add(chains);
        return listener;
    }

    private static async Task Eventually(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!condition())
        {
            await Task.Delay(5, limit.Token);
        }
    }

    private void Activate(Listener listener) => _set.Activate(_set.Prepare(listener));

    private EndPoint Address(string name) => _set.Active.Single(l => l.Name == name).Addresses[0];

    private static async Task<Client> ConnectAsync(EndPoint address, string? from = null)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, address is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
        if (from is not null)
        {
            socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        }

        await socket.ConnectAsync(address);
        return new Client(socket);
    }

    private sealed class Client(Socket socket) : IDisposable
    {
        private readonly byte[] _buffer = new byte[1000];
        private Stream _stream = new NetworkStream(socket, ownsSocket: true);

        public async Task SecureAsync(string protocol)
        {
            var ssl = new SslStream(_stream, leaveInnerStreamOpen: false, (_, certificate, _, _) => certificate is not null);
            await ssl.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "x", ApplicationProtocols = [new SslApplicationProtocol(protocol)] });
            Assert.Equal(protocol, ssl.NegotiatedApplicationProtocol.ToString());
            _stream = ssl;
        }

        public async Task<string> AskAsync(string text)
        {
            await _stream.WriteAsync(Encoding.Latin1.GetBytes(text));
            return await ReadAsync();
        }

        public async Task<string> ReadAsync()
        {
            try
            {
                var count = await _stream.ReadAsync(_buffer).AsTask().WaitAsync(TimeSpan.FromSeconds(10));
                return Encoding.Latin1.GetString(_buffer, 0, count);
            }
            catch (IOException)
            {
                return "";
            }
        }

        public void Dispose() => _stream.Dispose();
    }

    /// <summary>Answers every piece of text with the tag it was configured with, and says when it is to drain.</summary>
    private sealed class TaggedEchoFactory : INetworkFilterFactory
    {
        public IReadOnlyList<string> TypeNames => ["google.protobuf.StringValue"];

        public object Create(ByteString configuration, FilterContext context) => new TaggedEcho(StringValue.Parser.ParseFrom(configuration).Value);
    }

    private sealed class TaggedEcho(string tag) : ITerminalNetworkFilter
    {
        public async ValueTask ServeAsync(NetworkConnection connection)
        {
            var transport = connection.Transport;
            connection.DrainCallback = () => _ = SendAsync(transport, "drained");
            var buffer = new byte[1000];
            try
            {
                while (await transport.ReceiveAsync(buffer) is var count && count > 0)
                {
                    var text = Encoding.Latin1.GetString(buffer, 0, count);
                    await SendAsync(transport, text == "loop?" ? transport.Loop.Index.ToString(System.Globalization.CultureInfo.InvariantCulture) : text);
                }
            }
            catch (TransportException)
            {
                transport.Close();
            }
        }

        private async Task SendAsync(Transport transport, string text) => await transport.SendAsync(Encoding.Latin1.GetBytes($"{tag}:{text}"));
    }
}
