using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Lateen.Local.Ports;

/// <summary>Asks whether a port can be listened on before a process is started that needs it.</summary>
internal static class PortCheck
{
    /// <summary>Whether the port is free.</summary>
    internal static bool IsFree(IPEndPoint endpoint) => Try(endpoint) is null;

    /// <summary>Throws a <see cref="LocalMeshException"/> that names the port and who has it.</summary>
    /// <param name="endpoint">What is to be listened on.</param>
    /// <param name="purpose">What for: <c>the gateway</c>.</param>
    /// <param name="remedy">What to do about it: <c>choose another with --port</c>.</param>
    internal static void Require(IPEndPoint endpoint, string purpose, string remedy)
    {
        switch (Try(endpoint))
        {
            case null:
                return;
            case SocketError.AddressAlreadyInUse:
                var owner = PortOwner.Find(endpoint) is { } process ? $"taken by {process}" : "taken by a process of another user";
                throw new LocalMeshException(Text($"port {endpoint.Port} for {purpose} is {owner}; {remedy}"));
            case SocketError.AccessDenied:
                throw new LocalMeshException(Text($"port {endpoint.Port} for {purpose} needs root, as all ports below 1024; {remedy}"));
            case { } error:
                throw new LocalMeshException(Text($"port {endpoint.Port} for {purpose} cannot be listened on at {endpoint.Address}: {error}"));
        }

        static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
    }

    private static SocketError? Try(IPEndPoint endpoint)
    {
        using var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(endpoint);
            socket.Listen(1);
            return null;
        }
        catch (SocketException refused)
        {
            return refused.SocketErrorCode;
        }
    }
}
