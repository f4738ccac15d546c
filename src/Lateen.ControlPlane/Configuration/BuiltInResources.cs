using System.Globalization;
using Lateen.Registry;
using Lateen.Registry.Sources;

namespace Lateen.ControlPlane.Configuration;

/// <summary>What a mesh on this machine has without the user's saying: settings, and the Service of the ingress gateway.</summary>
internal static class BuiltInResources
{
    /// <summary>The settings of Istio's demo profile that make traffic visible.</summary>
    public static MeshSettings Settings(string trustDomain) => MeshSettings.Default with
    {
        TrustDomain = trustDomain,
        AccessLogFile = "/dev/stdout",
        DefaultProviders = new() { Metrics = ["prometheus"] },
    };

    /// <summary>The Service of the gateway, as Istio's Helm chart installs it, onto this machine's ports.</summary>
    public static FixedSource Gateway(int httpPort, int httpsPort) => FixedSource.FromYaml("built-in", string.Create(
        CultureInfo.InvariantCulture, $$"""
        apiVersion: v1
        kind: Service
        metadata:
          name: istio-ingressgateway
          namespace: istio-system
          labels:
            app: istio-ingressgateway
            istio: ingressgateway
        spec:
          type: LoadBalancer
          selector:
            app: istio-ingressgateway
            istio: ingressgateway
          ports:
          - name: http
            port: 80
            targetPort: {{httpPort}}
          - name: https
            port: 443
            targetPort: {{httpsPort}}
        """));
}
