namespace Datapath.Policy;

/// <summary>Binds a Pod of v1. Nearly all of one is about other things: nothing is said about fields that are not read.</summary>
internal static class PodBinder
{
    public static Pod Bind(FieldReader root, IssueList issues) => new()
    {
        Metadata = MetadataBinder.Bind(root, issues),
        Spec = BindSpec(root.Mapping("spec")),
        Status = root.Has("status") ? BindStatus(root.Mapping("status")) : PodStatus.Empty,
    };

    private static PodSpec BindSpec(FieldReader fields) => new()
    {
        NodeName = fields.String("nodeName"),
        HostNetwork = fields.Boolean("hostNetwork") ?? false,
        Containers = fields.List("containers", BindContainer),
        InitContainers = fields.List("initContainers", BindContainer),
    };

    private static Container BindContainer(FieldReader fields) => new()
    {
        Name = fields.String("name") ?? "",
        Ports = fields.List("ports", BindPort),
        IsSidecar = fields.String("restartPolicy") is "Always",
    };

    private static ContainerPort BindPort(FieldReader fields)
    {
        fields.Require("containerPort");
        fields.NoteOthers("name", "containerPort", "hostPort", "hostIP", "protocol");
        return new()
        {
            Name = fields.String("name") ?? "",
            Port = fields.Integer("containerPort") ?? 0,
            HostPort = fields.Integer("hostPort") ?? 0,
            HostIP = fields.String("hostIP"),
            Protocol = Protocols.Bind(fields),
        };
    }

    private static PodStatus BindStatus(FieldReader fields) => new()
    {
        Phase = fields.OneOf(
            "phase", ("Pending", PodPhase.Pending), ("Running", PodPhase.Running), ("Succeeded", PodPhase.Succeeded),
            ("Failed", PodPhase.Failed), ("Unknown", PodPhase.Unknown)) ?? PodPhase.Pending,
        Conditions = fields.List("conditions", BindCondition),
        PodIP = fields.String("podIP"),
        PodIPs = fields.StringsOf("podIPs", "ip"),
    };

    private static PodCondition BindCondition(FieldReader fields) => new(
        fields.String("type") ?? "",
        fields.OneOf("status", ("True", ConditionStatus.True), ("False", ConditionStatus.False), ("Unknown", ConditionStatus.Unknown))
            ?? ConditionStatus.Unknown);
}
