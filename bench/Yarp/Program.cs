// YARP with one route to one destination, for comparison: Lateen.Bench.Yarp LISTEN-URL BACKEND-URL
using Yarp.ReverseProxy.Configuration;

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls(args[0]);
builder.Services.AddReverseProxy().LoadFromMemory(
    [new RouteConfig { RouteId = "all", ClusterId = "backend", Match = new RouteMatch { Path = "{**path}" } }],
    [
        new ClusterConfig
        {
            ClusterId = "backend",
            Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = args[1] } },
        },
    ]);

var app = builder.Build();
app.MapReverseProxy();
app.Run();
