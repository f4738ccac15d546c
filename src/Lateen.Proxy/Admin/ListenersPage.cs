using System.Net;
using System.Net.Sockets;
using Envoy.Config.Core.V3;
using Lateen.Proxy.AccessLog;
using Proto = Envoy.Admin.V3;

namespace Lateen.Proxy.Admin;

/// <summary><c>/listeners</c>: the open listeners and their addresses.</summary>
internal static class ListenersPage
{
    public static AdminResponse Answer(AdminSources sources, AdminRequest request)
    {
        var listeners = sources.Listeners.Active.OrderBy(l => l.Name, StringComparer.Ordinal);
        if (request.Query.GetValueOrDefault("format") != "json")
            return AdminResponse.Text(string.Concat(listeners.SelectMany(l => l.Addresses, (l, address) => $"{l.Name}::{Addresses.Text(address)}\n")));
        var list = new Proto.Listeners();
        foreach (var listener in listeners)
        {
            var status = new Proto.ListenerStatus { Name = listener.Name };
            if (listener.Addresses.Count > 0)
            {
                status.LocalAddress = Addresses.Proto(listener.Addresses[0]);
                status.AdditionalLocalAddresses.Add(listener.Addresses.Skip(1).Select(Addresses.Proto));
            }

            list.ListenerStatuses.Add(status);
        }

        return AdminResponse.JsonText(ProtoJson.Format(list));
    }
}

/// <summary>Addresses as admin pages show them.</summary>
internal static class Addresses
{
    public static string Text(EndPoint address)
    {
        var buffer = new FormatBuffer();
        buffer.Append(address);
        return System.Text.Encoding.UTF8.GetString(buffer.Written);
    }

    public static Address Proto(EndPoint address) => address switch
    {
        IPEndPoint ip => new() { SocketAddress = new Envoy.Config.Core.V3.SocketAddress { Address = ip.Address.ToString(), PortValue = (uint)ip.Port } },
        DnsEndPoint dns => new() { SocketAddress = new Envoy.Config.Core.V3.SocketAddress { Address = dns.Host, PortValue = (uint)dns.Port } },
        UnixDomainSocketEndPoint path => new() { Pipe = new Pipe { Path = path.ToString() } },
        _ => new(),
    };
}
