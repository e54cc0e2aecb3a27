using System.Globalization;

namespace Datapath.Policy;

/// <summary>The checks of a Service, as an API server makes them, for the fields that are used.</summary>
internal static class ServiceValidator
{
    public static void Validate(Service service, IssueList issues)
    {
        ObjectValidator.ValidateLabelName(service.Metadata, issues);
        ObjectValidator.ValidateNamespace(service.Metadata, issues);
        ValidateEnums(service.Spec, issues);
        if (service.Spec.Type is not ServiceType.ExternalName)
            ClusterIPValidator.Validate(service.Spec, issues);
        ValidatePorts(service.Spec, issues);
        ServiceExposureValidator.Validate(service, issues);
        _ = AnnotationReader.ReadService(service.Metadata.Annotations, issues);
    }

    private static void ValidateEnums(ServiceSpec spec, IssueList issues)
    {
        if (spec.Type is < ServiceType.ClusterIP or > ServiceType.ExternalName)
            issues.Error("spec.type", spec.Type.ToString(), "is not a service type");
        if (spec.InternalTrafficPolicy is < TrafficPolicy.Cluster or > TrafficPolicy.Local)
            issues.Error("spec.internalTrafficPolicy", spec.InternalTrafficPolicy.ToString(), "is not a traffic policy");
        if (spec.ExternalTrafficPolicy is < TrafficPolicy.Cluster or > TrafficPolicy.Local)
            issues.Error("spec.externalTrafficPolicy", spec.ExternalTrafficPolicy.ToString(), "is not a traffic policy");
        if (spec.SessionAffinity is < SessionAffinity.None or > SessionAffinity.ClientIP)
            issues.Error("spec.sessionAffinity", spec.SessionAffinity.ToString(), "is not a session affinity");
        if (spec.TrafficDistribution is < TrafficDistribution.None or > TrafficDistribution.PreferSameNode)
            issues.Error("spec.trafficDistribution", spec.TrafficDistribution.ToString(), "is not a traffic distribution");
    }

    private static void ValidatePorts(ServiceSpec spec, IssueList issues)
    {
        var ports = spec.Ports.AsSpan();
        if (ports.IsEmpty && spec.Type is not ServiceType.ExternalName && !ServicePlan.IsNone(spec.ClusterIP))
            issues.Error("spec.ports", null, "needs at least one port");
        for (var i = 0; i < ports.Length; i++)
        {
            var port = ports[i];
            ObjectValidator.ValidatePort(port.Port, issues, "spec.ports", i);
            if (port.NodePort is < 0 or > 65535)
                issues.Error(Path(i, "nodePort"), port.NodePort.ToString(CultureInfo.InvariantCulture), "must be 0 (none) to 65535");
            if (port.TargetPort.Number is < 1 or > 65535)
                issues.Error(Path(i, "targetPort"), port.TargetPort.ToString(), "must be 1 to 65535");
            else if (port.TargetPort.Name is { } target && !NameRules.IsPortName(target))
                issues.Error(Path(i, "targetPort"), target, NameRules.PortNameRule);
            if (!ObjectValidator.IsKnown(port.Protocol))
                issues.Error(Path(i, "protocol"), port.Protocol.ToString(), "must be TCP, UDP or SCTP");
            if (port.Name.Length == 0 && ports.Length > 1)
                issues.Error(Path(i, "name"), null, "is required when a service has more than one port");
            else if (port.Name.Length > 0 && !NameRules.IsLabel(port.Name))
                issues.Error(Path(i, "name"), port.Name, NameRules.LabelRule);
        }

        if (ports.Length > 1)
            FindDuplicates(ports, issues);
    }

    private static void FindDuplicates(ReadOnlySpan<ServicePort> ports, IssueList issues)
    {
        var names = new Dictionary<string, int>(ports.Length);
        var numbers = new Dictionary<(int Port, L4Protocol Protocol), int>(ports.Length);
        for (var i = 0; i < ports.Length; i++)
        {
            var port = ports[i];
            if (port.Name.Length > 0 && !names.TryAdd(port.Name, i))
                issues.Error(Path(i, "name"), port.Name, $"is already the name of spec.ports[{names[port.Name]}]");
            var number = (port.Port, port.Protocol);
            if (port.Port is >= 1 and <= 65535 && !numbers.TryAdd(number, i))
                issues.Error(Path(i, "port"), $"{port.Port}", $"is already taken by spec.ports[{numbers[number]}] with the same protocol");
        }
    }

    private static string Path(int index, string field) => string.Create(CultureInfo.InvariantCulture, $"spec.ports[{index}].{field}");
}
