namespace Datapath.Policy;

/// <summary>Binds a label selector, which is the same everywhere.</summary>
internal static class LabelSelectorBinder
{
    public static LabelSelector Bind(FieldReader fields)
    {
        fields.NoteOthers("matchLabels", "matchExpressions");
        return new(fields.StringMap("matchLabels"), fields.List("matchExpressions", BindRequirement));
    }

    private static LabelRequirement BindRequirement(FieldReader fields)
    {
        fields.Require("key");
        fields.Require("operator");
        fields.NoteOthers("key", "operator", "values");
        return new()
        {
            Key = fields.String("key") ?? "",
            Operator = fields.OneOf(
                "operator", ("In", LabelOperator.In), ("NotIn", LabelOperator.NotIn), ("Exists", LabelOperator.Exists),
                ("DoesNotExist", LabelOperator.DoesNotExist)) ?? (fields.Has("values") ? LabelOperator.In : LabelOperator.Exists),
            Values = fields.Strings("values"),
        };
    }
}
