using k8s.Models;

namespace Lateen.Validation.Networking;

/// <summary>Kubernetes' Service, as far as a mesh depends on it.</summary>
internal static class KubernetesServiceRules
{
    public static void Check(V1ServiceSpec? spec, Field at)
    {
        IList<V1ServicePort> ports = spec?.Ports ?? [];
        var names = new HashSet<string>();
        for (int i = 0; i < ports.Count; i++)
        {
            Field place = at["ports"][i];
            string name = ports[i].Name ?? "";
            place["port"].Require("", ports[i].Port is >= 1 and <= 65535, "must be 1 to 65535");
            if (ports.Count > 1 && name.Length == 0) place.Error("", "needs a name, the service having several ports");
            else place["name"].Require("", names.Add(name), $"duplicate port name \"{name}\"");
        }
    }
}
