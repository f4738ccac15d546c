using System.Diagnostics.Metrics;
using Lateen.ControlPlane.Serving;
using Lateen.Identity;
using Lateen.Xds.Server;

namespace Lateen.ControlPlane.Metrics;

/// <summary>What is read off the running server whenever metrics are asked for.</summary>
internal static class ServerGauges
{
    public static void Register(Meter meter, DiscoveryServer<ConnectedProxy> server, CertificateAuthority authority, TimeProvider time)
    {
        var started = time.GetTimestamp();
        var version = new KeyValuePair<string, object?>("version", ControlPlaneVersion.Text);
        meter.CreateObservableGauge(
            "pilot_xds", () => new Measurement<int>(server.Connections.Count, version),
            description: "Number of endpoints connected to this pilot using XDS.");
        meter.CreateObservableGauge("pilot_info", () => new Measurement<int>(1, version), description: "Pilot version and build information.");
        meter.CreateObservableGauge(
            "istiod_uptime_seconds", () => time.GetElapsedTime(started).TotalSeconds, description: "Current istiod server uptime in seconds.");
        meter.CreateObservableGauge(
            "citadel_server_root_cert_expiry_timestamp", () => authority.RootNotAfter.ToUnixTimeSeconds(),
            description: "The unix timestamp, in seconds, when Citadel root cert will expire.");
        meter.CreateObservableGauge(
            "citadel_server_root_cert_expiry_seconds", () => (authority.RootNotAfter - time.GetUtcNow()).TotalSeconds,
            description: "The time remaining, in seconds, before Citadel root cert will expire.");
    }
}
