using System.Collections.Immutable;
using System.Globalization;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>What is wrong with a slice, in the terms of the backends that it was made of where they explain it.</summary>
internal static class SliceMistakes
{
    /// <summary>The mistakes in words; none if its values can be right.</summary>
    /// <param name="slice">The slice.</param>
    /// <param name="isServiceWrong">Whether its service has mistakes that are told anyhow. Ports that are wrong there are wrong here, too, and need not be told twice.</param>
    public static ImmutableArray<string> Of(EndpointSlice slice, bool isServiceWrong)
    {
        var own = PolicyCompiler.Check(slice);
        if (own.Condition is not ObjectCondition.Rejected)
            return [];
        ImmutableArray<string> ofBackends = slice.ServiceName is { } service
            ? [.. BackendsOf(slice).Select(backend => PolicyCompiler.Check(service, backend)).Where(static status => status.Condition is ObjectCondition.Rejected).Select(static status => status.Message)]
            : [];
        return ofBackends.IsEmpty && !isServiceWrong ? [$"{slice.Key}: {own.Message}"] : ofBackends;
    }

    private static IEnumerable<ServiceBackend> BackendsOf(EndpointSlice slice)
    {
        var weight = slice.Metadata.Annotations.TryGetValue(EndpointSlice.WeightAnnotation, out var text)
            && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var given) ? given : EndpointSlice.DefaultWeight;
        return slice.Endpoints.Where(static endpoint => !endpoint.Addresses.IsDefault)
            .SelectMany(endpoint => endpoint.Addresses.Select(address => new ServiceBackend(address) { Weight = weight, NodeName = endpoint.NodeName }));
    }
}
