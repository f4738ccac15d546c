using Lateen.Resources;
using Lateen.Resources.Networking;
using Lateen.Validation.Grammar;

namespace Lateen.Validation.Networking;

/// <summary>Outbound listeners of a Sidecar (SC-20 to SC-31).</summary>
internal static class SidecarEgressRules
{
    public static void Check(EquatableArray<SidecarEgressListener> listeners, string ns, Field at)
    {
        var ports = new HashSet<uint>();
        var sockets = new HashSet<string>(StringComparer.Ordinal);
        int rest = 0;
        for (int i = 0; i < listeners.Count; i++)
        {
            SidecarEgressListener listener = listeners[i];
            if (listener.Port is null)
            {
                at[i].Require("SC-20", i == listeners.Count - 1, "a listener without a port takes all other ports, so it must be the last");
                at[i].Require("SC-21", ++rest == 1, "only one listener may be without a port");
            }
            else
            {
                CheckPort(listener, listener.Port, at[i]);
                if (listener.Port.Number == 0) at[i]["bind"].Require("SC-26", sockets.Add(listener.Bind ?? ""), "is the path of another listener");
                else at[i]["port"]["number"].Require("SC-27", ports.Add(listener.Port.Number), "is the port of another listener");
            }
            CheckHosts(listener.Hosts, ns, at[i]["hosts"]);
        }
    }

    private static void CheckPort(SidecarEgressListener listener, SidecarPort port, Field at)
    {
        SidecarRules.CheckPort(port, at["port"]);
        string bind = listener.Bind ?? "";
        if (port.Number == 0)
        {
            at["bind"].Check("SC-22", UnixPath.Is(bind) ? UnixPath.Problem(bind) : "must be a socket path (unix:///path) when the port is 0");
            at["captureMode"].Require("SC-23", listener.CaptureMode != CaptureMode.Iptables, "must be DEFAULT or NONE for a socket path");
            return;
        }
        at["bind"].Check("SC-24", bind.Length == 0 ? null : IpAddress.Problem(bind));
        at["port"]["number"].Check("SC-25", Numbers.PortProblem(port.Number));
    }

    private static void CheckHosts(EquatableArray<string> hosts, string ns, Field at)
    {
        at.Require("SC-28", !hosts.IsEmpty, "needs at least one host");
        var imported = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        for (int i = 0; i < hosts.Count; i++)
        {
            at[i].Check("SC-29", NamespacedHost.SidecarProblem(hosts[i]));
            int slash = hosts[i].IndexOf('/', StringComparison.Ordinal);
            if (slash < 0 || hosts[i].StartsWith('~')) continue;
            (string space, string name) = (hosts[i][..slash], hosts[i][(slash + 1)..]);
            if (space == ".") space = ns;
            bool first = imported.TryAdd(space, []);
            HashSet<string> names = imported[space];
            if (!first && (names.Contains(name) || names.Contains("*") || name == "*")) at[i].Warning("SC-30", $"\"{hosts[i]}\" overlaps with another host of its namespace");
            names.Add(name);
        }
        if (imported.TryGetValue("*", out HashSet<string>? everywhere) && everywhere.Contains("*") && imported.Count > 1)
            at.Warning("SC-31", "\"*/*\" stands for everything, so other hosts add nothing");
    }
}
