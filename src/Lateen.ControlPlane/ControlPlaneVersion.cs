using System.Reflection;

namespace Lateen.ControlPlane;

/// <summary>The version of the control plane.</summary>
public static class ControlPlaneVersion
{
    /// <summary>For example <c>0.1.0</c>.</summary>
    public static string Text { get; } =
        typeof(ControlPlaneVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
