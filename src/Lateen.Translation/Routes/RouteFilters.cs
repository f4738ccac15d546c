using Envoy.Config.Core.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Http.Fault.V3;
using Envoy.Type.Matcher.V3;
using Envoy.Type.V3;
using Lateen.Resources.Networking;
using Lateen.Translation.Naming;
using CorsConfig = Envoy.Extensions.Filters.Http.Cors.V3.CorsPolicy;
using CorsPolicy = Lateen.Resources.Networking.CorsPolicy;
using Denominator = Envoy.Type.V3.FractionalPercent.Types.DenominatorType;
using FaultAbort = Lateen.Resources.Networking.FaultAbort;

namespace Lateen.Translation.Routes;

/// <summary>What a route adds to the configuration of the fault and CORS filters.</summary>
internal static class RouteFilters
{
    public static void Apply(Route route, HttpFaultInjection? fault, CorsPolicy? cors)
    {
        if (fault is not null) route.TypedPerFilterConfig[FilterNames.Fault] = Fault(fault).Packed();
        if (cors is not null) route.TypedPerFilterConfig[FilterNames.Cors] = Cors(cors).Packed();
    }

    public static FractionalPercent Millionths(double percent) =>
        new() { Numerator = (uint)(percent * 10_000), Denominator = Denominator.Million };

    public static FractionalPercent Hundredths(uint percent) => new() { Numerator = percent, Denominator = Denominator.Hundred };

    private static HTTPFault Fault(HttpFaultInjection fault)
    {
        var result = new HTTPFault();
        if (fault.Delay is { FixedDelay: { } fixedDelay } delay)
        {
            result.Delay = new Envoy.Extensions.Filters.Common.Fault.V3.FaultDelay
            {
                FixedDelay = fixedDelay.Value.ToProto(),
                Percentage = delay.Percentage is { } share ? Millionths(share.Value) : Hundredths((uint)Math.Clamp(delay.Percent, 0, 100)),
            };
        }
        if (fault.Abort is { } abort) result.Abort = Abort(abort);
        return result;
    }

    /// <summary>Without a percentage nothing is aborted: Envoy's field stays unset, as Istio leaves it.</summary>
    private static Envoy.Extensions.Filters.Http.Fault.V3.FaultAbort Abort(FaultAbort abort)
    {
        var result = new Envoy.Extensions.Filters.Http.Fault.V3.FaultAbort();
        if (abort.HttpStatus is { } status) result.HttpStatus = (uint)status;
        else if (abort.GrpcStatus is { } name) result.GrpcStatus = GrpcStatus.Code(name);
        if (abort.Percentage is { } share) result.Percentage = Millionths(share.Value);
        return result;
    }

    private static CorsConfig Cors(CorsPolicy cors)
    {
        var result = new CorsConfig
        {
            AllowMethods = string.Join(',', cors.AllowMethods.AsEnumerable()),
            AllowHeaders = string.Join(',', cors.AllowHeaders.AsEnumerable()),
            ExposeHeaders = string.Join(',', cors.ExposeHeaders.AsEnumerable()),
            MaxAge = cors.MaxAge is { } age ? $"{(long)age.Value.TotalSeconds}" : "",
            AllowCredentials = cors.AllowCredentials,
            ForwardNotMatchingPreflights = cors.UnmatchedPreflights != UnmatchedPreflights.Ignore,
            FilterEnabled = new RuntimeFractionalPercent { DefaultValue = Hundredths(100) },
        };
        result.AllowOriginStringMatch.Add(cors.AllowOrigins.Count > 0
            ? cors.AllowOrigins.Select(RouteMatches.Matcher)
            : cors.AllowOrigin.Select(origin => new StringMatcher { Exact = origin }));
        return result;
    }
}
