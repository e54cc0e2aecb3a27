namespace Datapath.Policy;

/// <summary>Whether a backend of a service fits a frontend, or the first thing that speaks against it.</summary>
internal enum BackendFit
{
    Fits,
    OtherProtocol,
    OtherFamily,
    OtherPortName,
    OnOtherNode,
    NotCheckedYet,
}
