using System.Security.Cryptography;
using System.Text;
using Lateen.ControlPlane.Configuration;
using Lateen.ControlPlane.Metrics;
using Lateen.ControlPlane.Serving;
using Lateen.Identity;
using Lateen.Xds.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lateen.ControlPlane.Api;

/// <summary>The HTTP API for the command line, the dashboard and Prometheus.</summary>
internal sealed class ControlApi(
    DiscoveryServer<ConnectedProxy> server, MeshFeed feed, WorkloadCertificates certificates, PrometheusExposition metrics, string adminToken)
{
    private const string Bearer = "Bearer ";

    private readonly byte[] _adminToken = Encoding.ASCII.GetBytes(adminToken);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/ready", () => server.Version is null ? Results.StatusCode(StatusCodes.Status503ServiceUnavailable) : Results.Ok());
        routes.MapGet("/version", () => Results.Json(new VersionInfo(ControlPlaneVersion.Text), ApiJson.Default.VersionInfo));
        routes.MapGet("/metrics", () => Results.Text(metrics.Render(), "text/plain; version=0.0.4"));
        routes.MapGet("/debug/syncz", () => Results.Json(ProxyStatus.Of(server.Connections), ApiJson.Default.IReadOnlyListProxyStatus));
        routes.MapGet("/debug/proxies", () => Results.Json(
            (IReadOnlyList<ProxyConnection>)[.. server.Connections.Select(ProxyConnection.Of)], ApiJson.Default.IReadOnlyListProxyConnection));
        routes.MapGet("/debug/config_errors", () => Results.Json(feed.Problems, ApiJson.Default.IReadOnlyListConfigProblem));
        routes.MapGet("/debug/config_dump", Dump);
        routes.MapPost("/debug/rotate", Rotate);
    }

    /// <param name="proxyID">Third part of a node id (<c>pod.namespace</c>), the pod alone, or the whole node id.</param>
    private Results<ContentHttpResult, BadRequest<string>, NotFound<string>> Dump(string? proxyID)
    {
        if (string.IsNullOrEmpty(proxyID))
            return TypedResults.BadRequest("You must provide a proxyID in the query string\n");
        var streams = server.Connections
            .Where(stream => stream.Node.Id == proxyID || stream.Client.Node.Id == proxyID || stream.Client.Node.Id.Split('.')[0] == proxyID)
            .ToList();
        if (streams.Count == 0 || feed.Generator is not { } generator)
            return TypedResults.NotFound($"Proxy not connected to this Pilot instance: {proxyID}\n");
        var node = streams[^1].Node.Id;
        var dump = ConfigDumps.Create(generator, server.Version!, streams.FindAll(stream => stream.Node.Id == node));
        return TypedResults.Text(ConfigDumps.Render(dump), "application/json");
    }

    private IResult Rotate(HttpRequest request)
    {
        string? header = request.Headers.Authorization;
        var presented = header is not null && header.StartsWith(Bearer, StringComparison.Ordinal) ? header[Bearer.Length..] : "";
        if (!CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(presented), _adminToken))
            return Results.Unauthorized();
        return Results.Json(
            new RotationResult([.. certificates.RenewAll().Select(identity => identity.ToString()).Order(StringComparer.Ordinal)]),
            ApiJson.Default.RotationResult);
    }
}
