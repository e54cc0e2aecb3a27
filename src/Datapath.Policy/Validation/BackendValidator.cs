using System.Globalization;

namespace Datapath.Policy;

/// <summary>The checks of a backend that is made in code: those of an endpoint, by the names that its author knows.</summary>
internal static class BackendValidator
{
    public static void Validate(ServiceBackend backend, IssueList issues)
    {
        if (!IPValue.TryParse(backend.Address, out var address))
            issues.Error(nameof(backend.Address), backend.Address, "must be an IP address");
        else if (EndpointSliceValidator.ReasonAgainst(address) is { } reason)
            issues.Error(nameof(backend.Address), backend.Address, reason);
        if (backend.Weight is < 0 or > ushort.MaxValue)
            issues.Error(nameof(backend.Weight), backend.Weight.ToString(CultureInfo.InvariantCulture), "must be 0 to 65535");
        if (!Enum.IsDefined(backend.State))
            issues.Error(nameof(backend.State), backend.State.ToString(), $"must be one of {string.Join(", ", Enum.GetNames<BackendState>())}");
        if (!string.IsNullOrEmpty(backend.NodeName) && !NameRules.IsSubdomain(backend.NodeName))
            issues.Error(nameof(backend.NodeName), backend.NodeName, NameRules.SubdomainRule);
    }
}
