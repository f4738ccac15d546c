namespace Lateen.Resources.Reading;

/// <summary>Whose rules hold for reading values.</summary>
internal enum Decoding
{
    /// <summary>A cluster's API server with strict field validation: JSON names only, unknown fields and wrong types are errors.</summary>
    ApiServer,

    /// <summary>
    /// The decoder Istio reads its mesh configuration with: proto names too, unknown fields ignored, numbers in quotes, enums by number,
    /// and of several members of a oneof the last one declared.
    /// </summary>
    ProtoJson,
}
