using Lateen.Resources.Networking;
using Lateen.Validation.Grammar;

namespace Lateen.Validation.Networking;

/// <summary>Faults put in on purpose (VS-74 to VS-83).</summary>
internal static class HttpFaultRules
{
    public static void Check(HttpFaultInjection? fault, Field at)
    {
        if (fault is null) return;
        at.Require("VS-74", fault.Abort is not null || fault.Delay is not null, "needs abort or delay");
        if (fault.Abort is { } abort) CheckAbort(abort, at["abort"]);
        if (fault.Delay is { } delay) CheckDelay(delay, at["delay"]);
    }

    private static void CheckAbort(FaultAbort abort, Field at)
    {
        at["percentage"]["value"].Check("VS-75", Numbers.FractionalPercentProblem(abort.Percentage?.Value));
        if (abort.GrpcStatus is { } grpc) at["grpcStatus"].Check("VS-76", HttpNames.GrpcStatusProblem(grpc));
        at["http2Error"].Require("VS-77", abort.Http2Error is null, "is not supported");
        if (abort.HttpStatus is { } status) at["httpStatus"].Check("VS-78", Numbers.StatusProblem(status));
        if (abort is { GrpcStatus: null, Http2Error: null, HttpStatus: null }) at.Warning("VS-79", "has no httpStatus or grpcStatus, so nothing is aborted");
    }

    private static void CheckDelay(FaultDelay delay, Field at)
    {
        at["percentage"]["value"].Check("VS-75", Numbers.FractionalPercentProblem(delay.Percentage?.Value));
        at["fixedDelay"].Check("VS-81", Numbers.DurationProblem(delay.FixedDelay));
        at["exponentialDelay"].Require("VS-82", delay.ExponentialDelay is null, "is not supported");
    }
}
