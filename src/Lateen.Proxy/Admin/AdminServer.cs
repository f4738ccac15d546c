using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Envoy.Config.Core.V3;
using Lateen.Proxy.Configuration;
using Microsoft.Extensions.Logging;

namespace Lateen.Proxy.Admin;

/// <summary>
/// The admin port: HTTP/1.1 for people, scripts and scrapers, off the data loops. Whoever reaches the port may use it, as in Envoy:
/// bind it to a loopback address.
/// </summary>
internal sealed partial class AdminServer : IAsyncDisposable
{
    private const int MaxHeadBytes = 64 * 1024;
    private const int MaxConnections = 256;

    private readonly Socket _socket;
    private readonly Func<AdminRequest, AdminResponse> _answer;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _free = new(MaxConnections);
    private Task _accepting = Task.CompletedTask;

    /// <summary>Binds the port.</summary>
    /// <exception cref="ConfigurationException">The address is not valid or is taken.</exception>
    public AdminServer(Address address, Func<AdminRequest, AdminResponse> answer, ILogger logger)
    {
        _answer = answer;
        _logger = logger;
        var endpoint = ToEndPoint(address);
        _socket = new Socket(endpoint.AddressFamily, SocketType.Stream, endpoint is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
        try
        {
            if (endpoint is IPEndPoint)
                _socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            _socket.Bind(endpoint);
            _socket.Listen(128);
        }
        catch (SocketException e)
        {
            _socket.Dispose();
            throw new ConfigurationException("admin.address", $"cannot bind '{endpoint}': {e.Message}", e);
        }
    }

    /// <summary>The address it listens on.</summary>
    public EndPoint Address => _socket.LocalEndPoint!;

    /// <summary>Begins to answer.</summary>
    public void Start() => _accepting = Task.Run(AcceptAsync);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _socket.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private static EndPoint ToEndPoint(Address address) => address switch
    {
        { Pipe: { } pipe } => new UnixDomainSocketEndPoint(pipe.Path),
        { SocketAddress: { } socket } when IPAddress.TryParse(socket.Address, out var ip) => new IPEndPoint(ip, (int)socket.PortValue),
        _ => throw new ConfigurationException("admin.address", "expected socket_address with an IP address, or pipe"),
    };

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            await _free.WaitAsync(_stop.Token);
            try
            {
                var connection = await _socket.AcceptAsync(_stop.Token);
                _ = ServeAsync(connection);
            }
            catch (SocketException e)
            {
                _free.Release();
                LogNotAccepted(e.Message);
            }
        }
    }

    private async Task ServeAsync(Socket connection)
    {
        try
        {
            await using var stream = new NetworkStream(connection, ownsSocket: true);
            var reader = new HeadReader(stream);
            while (await reader.ReadAsync(MaxHeadBytes, _stop.Token) is { } head && await AnswerAsync(stream, reader, head))
            {
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The client went away, or we are ending.
        }
        finally
        {
            _free.Release();
        }
    }

    // True when the connection can carry another request.
    private async Task<bool> AnswerAsync(NetworkStream stream, HeadReader reader, string[] head)
    {
        if (head[0].Split(' ') is not [var method, var target, var version] || !version.StartsWith("HTTP/1.", StringComparison.Ordinal))
        {
            await WriteAsync(stream, AdminResponse.Text("Bad Request\n", 400), keepAlive: false, withBody: true);
            return false;
        }

        await reader.SkipBodyAsync(long.TryParse(Header(head, "content-length"), NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : 0, _stop.Token);
        var keepAlive = version == "HTTP/1.1" && !"close".Equals(Header(head, "connection"), StringComparison.OrdinalIgnoreCase);
        await WriteAsync(stream, Answer(AdminRequest.Parse(method, target)), keepAlive, withBody: method != "HEAD");
        return keepAlive;
    }

    private AdminResponse Answer(AdminRequest request)
    {
        try
        {
            return _answer(request);
        }
        catch (Exception e)
        {
            // A page that fails must not take the process down.
            LogPageFailed(e, request.Path);
            return AdminResponse.Text($"{e.Message}\n", 500);
        }
    }

    private static string? Header(string[] head, string name) => head.Skip(1)
        .Select(line => line.Split(':', 2))
        .FirstOrDefault(parts => parts.Length == 2 && parts[0].Equals(name, StringComparison.OrdinalIgnoreCase))?[1].Trim();

    private async Task WriteAsync(NetworkStream stream, AdminResponse response, bool keepAlive, bool withBody)
    {
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 {response.Status} {response.Reason}\r\ncontent-type: {response.ContentType}\r\ncache-control: no-cache, max-age=0\r\n"
            + $"x-content-type-options: nosniff\r\ncontent-length: {response.Body.Length}\r\n{(keepAlive ? "" : "connection: close\r\n")}\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), _stop.Token);
        if (withBody)
            await stream.WriteAsync(response.Body, _stop.Token);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "admin connection could not be accepted: {Reason}")]
    private partial void LogNotAccepted(string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "admin page {Path} failed")]
    private partial void LogPageFailed(Exception exception, string path);
}
